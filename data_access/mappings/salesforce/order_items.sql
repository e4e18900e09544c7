SELECT i.id AS order_item_id, o.id AS order_id, p.id AS product_id, i.description AS description,
       coalesce(i.quantity, 0) AS quantity, coalesce(i.unit_price, 0) AS unit_price,
       coalesce(i.total_price, i.quantity * i.unit_price, 0) AS net
FROM order_item AS i
JOIN "order" AS o ON o.id = i.order_id AND NOT coalesce(o.is_deleted, FALSE) AND coalesce(o._fivetran_active, TRUE)
LEFT JOIN product_2 AS p ON p.id = i.product_2_id AND coalesce(p._fivetran_active, TRUE)
WHERE NOT coalesce(i.is_deleted, FALSE) AND coalesce(i._fivetran_active, TRUE)
