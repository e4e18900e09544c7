SELECT text(l.id) AS order_item_id, text(l.sale) AS order_id, text(l.product) AS product_id, l.description AS description,
       coalesce(l.quantity, 0) AS quantity, coalesce(l.unit_price, 0) AS unit_price, coalesce(l.unit_price * l.quantity, 0) AS net
FROM sale_line AS l
WHERE l.type = 'line'
UNION ALL
SELECT concat('refund-', text(r.id)), concat('refund-', text(r.invoice)), text(r.product), r.description, r.quantity, r.unit_price,
       r.unit_price * r.quantity
FROM refund_line AS r
