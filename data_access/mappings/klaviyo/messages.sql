-- What happened to messages of campaigns and flows. Opens that Apple's mail makes by itself and clicks of robots are none.
SELECT e.id AS id, e.person_id AS person_id,
       CASE WHEN e.campaign_id IS NOT NULL THEN e.campaign_id ELSE concat('flow:', e.flow_id) END AS campaign_id,
       e.campaign_id IS NULL AS is_flow, coalesce(e.flow_message_id, '') AS message_id, e.variation AS variation, e.datetime AS at,
       coalesce(mapped(e.type, 'event'), mapped(m.name, 'event')) AS happened,
       CASE WHEN lower(coalesce(e.type, m.name)) LIKE '%sms%' THEN 'sms' ELSE 'email' END AS channel,
       CASE WHEN lower(e.property_bounce_type) = 'hard' THEN 'hard' WHEN e.property_bounce_type IS NOT NULL THEN 'soft' END AS bounce_kind
FROM event AS e
LEFT JOIN metric AS m ON m.id = e.metric_id
WHERE NOT coalesce(e._fivetran_deleted, FALSE) AND (e.campaign_id IS NOT NULL OR e.flow_id IS NOT NULL)
  AND e.person_id IS NOT NULL AND NOT coalesce(bool(e.is_machine_open), FALSE) AND NOT coalesce(bool(e.is_bot_click), FALSE)
