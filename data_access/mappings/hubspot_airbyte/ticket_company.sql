-- The primary company is the one that the list names twice.
SELECT text(t.id) AS ticket_id, json_text(item.value, '$') AS company_id, CASE WHEN count(*) > 1 THEN 26 ELSE 339 END AS type_id
FROM tickets AS t
CROSS JOIN json_rows(t.companies) AS item
GROUP BY text(t.id), json_text(item.value, '$')
