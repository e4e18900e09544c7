-- Lines of posted credit notes that go back to a line of a confirmed order, and the part of each that lowers revenue: what was
-- invoiced anew beyond the order (a corrected invoice) is no loss. Down payments are no goods.
WITH credited AS (
  SELECT link.invoice_line_id, min(link.order_line_id) AS order_line_id
  FROM account_move AS m
  JOIN account_move_line AS l ON l.move_id = m.id
  JOIN sale_order_line_invoice_rel AS link ON link.invoice_line_id = l.id
  WHERE m.move_type = 'out_refund' AND m.state = 'posted'
  GROUP BY link.invoice_line_id
),
billed AS (
  SELECT link.order_line_id, sum(CASE WHEN m.move_type = 'out_invoice' THEN l.price_subtotal ELSE 0 END) AS invoiced,
         sum(CASE WHEN m.move_type = 'out_refund' THEN l.price_subtotal ELSE 0 END) AS refunded
  FROM (SELECT order_line_id FROM credited GROUP BY order_line_id) AS mine
  JOIN sale_order_line_invoice_rel AS link ON link.order_line_id = mine.order_line_id
  JOIN account_move_line AS l ON l.id = link.invoice_line_id
  JOIN account_move AS m ON m.id = l.move_id AND m.state = 'posted'
  GROUP BY link.order_line_id
)
SELECT l.id AS id, l.move_id AS move_id, ol.order_id AS order_id, coalesce(l.product_id, ol.product_id) AS product_id, l.name AS name,
       l.quantity AS quantity, l.price_unit AS price_unit, l.price_subtotal AS price_subtotal,
       CASE WHEN abs(b.invoiced) <= abs(ol.price_subtotal) THEN 1 WHEN abs(b.refunded) <= abs(b.invoiced - ol.price_subtotal) THEN 0
            ELSE 1 - (b.invoiced - ol.price_subtotal) / b.refunded END AS part
FROM credited AS c
JOIN account_move_line AS l ON l.id = c.invoice_line_id
JOIN sale_order_line AS ol ON ol.id = c.order_line_id AND NOT coalesce(ol.is_downpayment, FALSE)
JOIN sale_order AS o ON o.id = ol.order_id AND o.state IN ('sale', 'done')
JOIN billed AS b ON b.order_line_id = c.order_line_id
