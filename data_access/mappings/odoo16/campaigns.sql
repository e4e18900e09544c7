-- UTM campaigns, and mailings that belong to none. Neither has costs; the days are those of the mailings.
WITH sent AS (
  SELECT campaign_id, max(CASE WHEN mailing_type = 'mail' THEN 1 ELSE 0 END) AS has_mail, count(*) AS mailings,
         min(day(sent_date)) AS first_on, max(day(sent_date)) AS last_on
  FROM mailing_mailing WHERE campaign_id IS NOT NULL GROUP BY campaign_id
)
SELECT text(c.id) AS campaign_id, coalesce(i18n(c.title), c.name) AS name,
       CASE WHEN c.is_auto_campaign THEN 'automatic' ELSE 'campaign' END AS type_raw,
       CASE WHEN sent.has_mail = 1 THEN 'email' WHEN sent.mailings > 0 THEN 'sms' ELSE 'other' END AS channel,
       i18n(stage.name) AS status, sent.first_on AS starts_on, sent.last_on AS ends_on, text(c.user_id) AS owner_id,
       c.write_date AS updated_at
FROM utm_campaign AS c
LEFT JOIN sent ON sent.campaign_id = c.id
LEFT JOIN utm_stage AS stage ON stage.id = c.stage_id
UNION ALL
SELECT concat('mailing-', text(m.id)), m.subject, 'mailing', CASE WHEN m.mailing_type = 'sms' THEN 'sms' ELSE 'email' END,
       m.state, day(m.sent_date), day(m.sent_date), text(m.user_id), m.write_date
FROM mailing_mailing AS m
WHERE m.campaign_id IS NULL
