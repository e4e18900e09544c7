-- Mailings.
SELECT text(m.id) AS campaign_id, coalesce(m.name, m.subject, text(m.id)) AS name,
       CASE WHEN m.sms_provider_id IS NOT NULL THEN 'sms' ELSE 'email' END AS channel, day(m.scheduled_date) AS starts_on
FROM mailing AS m
