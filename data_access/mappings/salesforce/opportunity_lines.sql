SELECT i.id AS opportunity_line_id, d.id AS opportunity_id, p.id AS product_id, coalesce(i.quantity, 0) AS quantity,
       coalesce(i.total_price, 0) AS net_amount, coalesce(d.currency, setting('base_currency')) AS currency
FROM opportunity_line_item AS i
JOIN deals AS d ON d.id = i.opportunity_id
LEFT JOIN product_2 AS p ON p.id = i.product_2_id AND coalesce(p._fivetran_active, TRUE)
WHERE NOT coalesce(i.is_deleted, FALSE) AND coalesce(i._fivetran_active, TRUE)
