-- A contact that a deal names twice comes twice: whoever reads this groups by the deal or by the contact.
SELECT text(d.id) AS deal_id, json_text(item.value, '$') AS contact_id
FROM airbyte_deals AS d
CROSS JOIN json_rows(d.contacts) AS item
