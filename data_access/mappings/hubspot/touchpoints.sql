-- Opens and clicks that were not filtered, and forms that were sent in.
SELECT e.id AS touchpoint_id, p.customer_id AS customer_id, text(p.id) AS contact_id, text(c.id) AS campaign_id,
       'email' AS channel, CASE e.type WHEN 'CLICK' THEN 'click' ELSE 'email' END AS kind, e.created AS occurred_at
FROM email_event AS e
LEFT JOIN email_campaign AS c ON c.id = e.email_campaign_id
JOIN people AS p ON lower(p.email) = lower(trim(e.recipient))
WHERE e.type IN ('OPEN', 'CLICK') AND NOT coalesce(e.filtered_event, FALSE) AND e.obsoleted_by_id IS NULL
UNION ALL
SELECT concat('form:', f.conversion_id) AS touchpoint_id, p.customer_id AS customer_id, text(p.id) AS contact_id,
       NULL AS campaign_id, 'website' AS channel, 'form' AS kind, f.timestamp AS occurred_at
FROM contact_form_submission AS f
JOIN people AS p ON p.id = f.contact_id
WHERE f.conversion_id IS NOT NULL
