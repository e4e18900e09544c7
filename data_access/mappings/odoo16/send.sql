-- What a mailing sent to whom: a partner, a lead, the customer of an order or of a registration; else whoever has the address: of
-- a mailing list, or of a partner that was merged into another one. A message to a telephone has the address of its partner or
-- contact. Of an error or a bounce the moment of sending may be there or not; what was cancelled or is still to go out is no
-- send. Arms of a test bear their subject, and a number where two have the same; the mailing to all that follows (100 %) is none.
WITH addressed AS (
  SELECT t.id AS id, t.model AS model, t.res_id AS res_id, t.mass_mailing_id AS mailing_id, t.trace_status AS trace_status,
         CASE WHEN t.email LIKE '%@%' AND t.email NOT LIKE '%<%' THEN lower(trim(t.email))
              ELSE coalesce(p.email_normalized, c.email_normalized, l.email, lower(trim(nullif(t.email, '')))) END AS email,
         coalesce(p.id, l.partner_id, o.partner_id, r.partner_id) AS partner_id,
         CASE WHEN l.is_deal THEN l.id END AS deal_id, CASE WHEN l.is_lead THEN l.id END AS lead_id,
         t.sent_datetime AS sent_datetime, t.open_datetime AS open_datetime, t.reply_datetime AS reply_datetime,
         t.links_click_datetime AS links_click_datetime, t.create_date AS create_date, t.write_date AS write_date
  FROM mailing_trace AS t
  LEFT JOIN res_partner AS p ON t.model = 'res.partner' AND p.id = t.res_id
  LEFT JOIN mailing_contact AS c ON t.model = 'mailing.contact' AND c.id = t.res_id
  LEFT JOIN lead_or_deal AS l ON t.model = 'crm.lead' AND l.id = t.res_id
  LEFT JOIN sale_order AS o ON t.model = 'sale.order' AND o.id = t.res_id
  LEFT JOIN event_registration AS r ON t.model = 'event.registration' AND r.id = t.res_id
  WHERE t.sent_datetime IS NOT NULL OR t.trace_status = 'bounce'
),
twin AS (
  SELECT campaign_id, subject FROM mailing_mailing WHERE ab_testing_enabled AND coalesce(ab_testing_pc, 0) < 100
  GROUP BY campaign_id, subject HAVING count(*) > 1
)
SELECT t.id AS id, t.model AS model, t.res_id AS res_id, coalesce(text(m.campaign_id), concat('mailing-', text(m.id))) AS campaign,
       CASE WHEN m.mailing_type = 'sms' THEN 'sms' ELSE 'email' END AS channel,
       CASE WHEN m.ab_testing_enabled AND coalesce(m.ab_testing_pc, 0) < 100
            THEN concat(m.subject, CASE WHEN twin.subject IS NOT NULL THEN concat(' #', text(m.id)) END) END AS variant,
       t.trace_status AS trace_status, t.email AS email,
       coalesce(t.partner_id, CASE WHEN t.model <> 'crm.lead' THEN known.id END) AS partner_id, t.deal_id AS deal_id, t.lead_id AS lead_id,
       t.sent_datetime AS sent_datetime, t.open_datetime AS open_datetime, t.reply_datetime AS reply_datetime,
       t.links_click_datetime AS links_click_datetime, t.create_date AS create_date, t.write_date AS write_date
FROM addressed AS t
JOIN mailing_mailing AS m ON m.id = t.mailing_id
LEFT JOIN twin ON twin.campaign_id = m.campaign_id AND twin.subject = m.subject
LEFT JOIN partner_of_email AS known ON known.email = t.email
