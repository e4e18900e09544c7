SELECT DISTINCT json_text(item.value, '$') AS line_item_id, text(d.id) AS deal_id
FROM airbyte_deals AS d
CROSS JOIN json_rows(d.line_items) AS item
