SELECT text(i.id) AS opportunity_line_id, text(d.deal_id) AS opportunity_id, text(p.id) AS product_id,
       coalesce(i.property_quantity, 1) AS quantity,
       coalesce(i.property_amount, i.property_quantity * i.property_price, i.property_price, 0) AS net_amount,
       coalesce(d.property_deal_currency_code, setting('base_currency')) AS currency
FROM line_item AS i
JOIN line_item_deal AS l ON l.line_item_id = i.id
JOIN deal AS d ON d.deal_id = l.deal_id
LEFT JOIN product AS p ON p.id = i.product_id
WHERE NOT coalesce(i.is_deleted, FALSE) AND NOT coalesce(i._fivetran_deleted, FALSE)
