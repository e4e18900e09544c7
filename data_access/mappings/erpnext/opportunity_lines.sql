SELECT i.name AS opportunity_line_id, o.name AS opportunity_id, p.name AS product_id, coalesce(i.qty, 1) AS quantity,
       coalesce(i.amount, 0) AS net_amount, coalesce(nullif(o.currency, ''), setting('base_currency')) AS currency
FROM "Opportunity Item" AS i
JOIN "Opportunity" AS o ON o.name = i.parent
LEFT JOIN "Item" AS p ON p.name = i.item_code
WHERE i.parenttype = 'Opportunity'
