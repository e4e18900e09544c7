-- Lines of what orders.sql gives, by the same rules; section and note lines are left out.
WITH line AS (
  SELECT text(l.id) AS order_item_id, text(l.order_id) AS order_id, l.product_id AS product_id, l.name AS description,
         l.product_uom_qty AS quantity, l.price_unit AS price_unit, l.price_subtotal AS net,
         CASE WHEN coalesce(l.discount, 0) = 0 THEN 0 WHEN l.discount < 100 THEN l.price_subtotal * l.discount / (100 - l.discount)
              ELSE l.price_unit * l.product_uom_qty END AS discount
  FROM sale_order_line AS l
  WHERE l.display_type IS NULL
  UNION ALL
  SELECT concat('refund-', text(r.id)), concat('refund-', text(r.move_id)), r.product_id, r.name, -r.quantity * r.part, r.price_unit,
         -r.price_subtotal * r.part, 0
  FROM refund_line AS r WHERE r.part > 0
  UNION ALL
  SELECT concat('invoice-', text(l.id)), concat('invoice-', text(m.id)), l.product_id, l.name, l.quantity * m.sign, l.price_unit,
         l.price_subtotal * m.sign, 0
  FROM invoice_if_no_order AS m
  JOIN account_move_line AS l ON l.move_id = m.id AND l.display_type = 'product'
)
SELECT order_item_id AS order_item_id, order_id AS order_id, text(product_id) AS product_id, description AS description,
       quantity AS quantity, CASE WHEN quantity <> 0 THEN (net + discount) / quantity ELSE price_unit END AS unit_price,
       discount AS discount, net AS net
FROM line
