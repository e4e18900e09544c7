SELECT m.id AS touchpoint_id, p.id AS customer_id, m.campaign_id AS campaign_id, m.channel AS channel,
       CASE m.happened WHEN 'clicked' THEN 'click' ELSE 'email' END AS kind, m.at AS occurred_at
FROM messages AS m
JOIN person AS p ON p.id = m.person_id AND NOT coalesce(p._fivetran_deleted, FALSE)
WHERE m.happened IN ('opened', 'clicked')
