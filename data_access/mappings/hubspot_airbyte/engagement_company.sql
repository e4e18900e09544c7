SELECT text(e.id) AS engagement_id, json_text(item.value, '$') AS company_id
FROM engagements_calls AS e
CROSS JOIN json_rows(e.companies) AS item
UNION
SELECT text(e.id) AS engagement_id, json_text(item.value, '$') AS company_id
FROM engagements_emails AS e
CROSS JOIN json_rows(e.companies) AS item
UNION
SELECT text(e.id) AS engagement_id, json_text(item.value, '$') AS company_id
FROM engagements_meetings AS e
CROSS JOIN json_rows(e.companies) AS item
UNION
SELECT text(e.id) AS engagement_id, json_text(item.value, '$') AS company_id
FROM engagements_notes AS e
CROSS JOIN json_rows(e.companies) AS item
UNION
SELECT text(e.id) AS engagement_id, json_text(item.value, '$') AS company_id
FROM engagements_tasks AS e
CROSS JOIN json_rows(e.companies) AS item
