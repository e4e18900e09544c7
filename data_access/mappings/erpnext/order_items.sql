SELECT l.name AS order_item_id, i.name AS order_id, p.name AS product_id, l.item_name AS description, coalesce(l.qty, 0) AS quantity,
       coalesce(l.net_rate, 0) AS unit_price, coalesce(l.net_amount, 0) AS net
FROM "Sales Invoice Item" AS l
JOIN "Sales Invoice" AS i ON i.name = l.parent AND coalesce(i.is_opening, 'No') <> 'Yes'
LEFT JOIN "Item" AS p ON p.name = l.item_code
WHERE l.parenttype = 'Sales Invoice'
