SELECT l.name AS opportunity_line_id, d.name AS opportunity_id, p.name AS product_id, l.qty AS quantity,
       l.amount - coalesce(l.discount_amount, 0) AS net_amount, coalesce(nullif(d.currency, ''), setting('base_currency')) AS currency
FROM "CRM Products" AS l
JOIN "CRM Deal" AS d ON d.name = l.parent
LEFT JOIN "CRM Product" AS p ON p.name = l.product_code
WHERE l.parenttype = 'CRM Deal'
