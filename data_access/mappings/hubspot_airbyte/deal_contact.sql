SELECT DISTINCT text(d.id) AS deal_id, json_text(item.value, '$') AS contact_id
FROM airbyte_deals AS d
CROSS JOIN json_rows(d.contacts) AS item
