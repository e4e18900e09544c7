-- What a mailing sent to whom: a partner, a lead, or an address of a mailing list that belongs to a partner by its e-mail. Of an
-- error or a bounce the moment of sending may be there or not; what was cancelled or is still to go out is no send.
SELECT t.id AS id, t.model AS model, t.res_id AS res_id, coalesce(text(m.campaign_id), concat('mailing-', text(m.id))) AS campaign,
       CASE WHEN m.mailing_type = 'sms' THEN 'sms' ELSE 'email' END AS channel,
       CASE WHEN m.ab_testing_enabled THEN m.subject END AS variant, t.trace_status AS trace_status, lower(trim(t.email)) AS email,
       CASE t.model WHEN 'res.partner' THEN t.res_id WHEN 'crm.lead' THEN l.partner_id WHEN 'mailing.contact' THEN known.id END AS partner_id,
       CASE WHEN l.is_deal THEN l.id END AS deal_id, CASE WHEN l.is_lead THEN l.id END AS lead_id,
       t.sent_datetime AS sent_datetime, t.open_datetime AS open_datetime, t.reply_datetime AS reply_datetime,
       t.links_click_datetime AS links_click_datetime, t.create_date AS create_date, t.write_date AS write_date
FROM mailing_trace AS t
JOIN mailing_mailing AS m ON m.id = t.mass_mailing_id
LEFT JOIN lead_or_deal AS l ON t.model = 'crm.lead' AND l.id = t.res_id
LEFT JOIN (SELECT email_normalized, min(id) AS id FROM res_partner WHERE email_normalized IS NOT NULL GROUP BY email_normalized) AS known
  ON t.model = 'mailing.contact' AND known.email_normalized = lower(trim(t.email))
WHERE t.sent_datetime IS NOT NULL OR t.trace_status = 'bounce'
