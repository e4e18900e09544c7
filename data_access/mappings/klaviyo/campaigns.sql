-- Flows are campaigns that send all the time. Deleted ones stay: what they sent was sent.
SELECT c.id AS campaign_id, coalesce(c.name, c.subject, c.id) AS name, c.campaign_type AS type_raw,
       channel(coalesce(c.campaign_type, 'email')) AS channel, c.status AS status,
       day(coalesce(c.sent_at, c.send_time, c.created)) AS starts_on, c.updated AS updated_at
FROM campaign AS c
UNION ALL
SELECT concat('flow:', f.id) AS campaign_id, coalesce(f.name, f.id) AS name, 'flow' AS type_raw, 'email' AS channel,
       f.status AS status, day(f.created) AS starts_on, f.updated AS updated_at
FROM flow AS f
