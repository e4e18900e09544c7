SELECT DISTINCT text(t.id) AS ticket_id, json_text(item.value, '$') AS contact_id
FROM tickets AS t
CROSS JOIN json_rows(t.contacts) AS item
