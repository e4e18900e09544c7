SELECT c.name AS campaign_id, coalesce(nullif(c.campaign_name, ''), c.name) AS name, 'other' AS channel,
       to_utc(c.modified, setting('timezone')) AS updated_at
FROM "Campaign" AS c
