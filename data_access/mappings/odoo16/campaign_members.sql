-- One row per person and send. A later status overwrites the earlier one, so opens and answers are told by their moments; of
-- bounces only the last change of the row is known. Since Odoo 17 a message to a telephone is
-- delivered only when that is reported (`sent`; before it `pending`). Nobody is held out in Odoo's A/B test. Two mailings of one campaign may
-- reach the same record in the same second: `place` keeps them apart.
WITH click AS (
  SELECT mailing_trace_id, min(create_date) AS first_at, count(*) AS clicks
  FROM link_tracker_click WHERE mailing_trace_id IS NOT NULL GROUP BY mailing_trace_id
),
placed AS (
  SELECT send.*, coalesce(sent_datetime, create_date) AS first_sent_at,
         row_number() OVER (PARTITION BY campaign, model, res_id, coalesce(sent_datetime, create_date) ORDER BY id) AS place
  FROM send
)
SELECT s.campaign AS campaign_id,
       concat(s.model, '-', text(s.res_id), CASE WHEN s.place > 1 THEN concat('/', text(s.place)) END) AS member_key,
       s.first_sent_at AS first_sent_at, p.customer_id AS customer_id, p.contact_id AS contact_id, text(s.lead_id) AS lead_id,
       email_key(s.email) AS email_key, s.variant AS variant, s.sent_datetime AS sent_at,
       CASE WHEN s.trace_status IN ('sent', 'open', 'reply') THEN s.sent_datetime END AS delivered_at, s.open_datetime AS opened_at,
       coalesce(click.first_at, s.links_click_datetime) AS clicked_at, s.reply_datetime AS replied_at,
       CASE WHEN s.trace_status = 'bounce' THEN coalesce(s.write_date, s.sent_datetime, s.create_date) END AS bounced_at,
       goodbye.at AS unsubscribed_at, click.clicks AS clicks, s.write_date AS updated_at
FROM placed AS s
LEFT JOIN partner AS p ON p.id = s.partner_id
LEFT JOIN goodbye ON goodbye.id = s.id
LEFT JOIN click ON click.mailing_trace_id = s.id
