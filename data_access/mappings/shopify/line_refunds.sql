-- The lines of refunds, under either of the two names that the connector has had for their table.
SELECT x.id AS id, x.refund_id AS refund_id, x.order_line_id AS order_line_id, x.quantity AS quantity, x.subtotal AS subtotal,
       x.total_tax AS total_tax
FROM order_line_refund AS x
UNION ALL
SELECT x.id AS id, x.refund_id AS refund_id, x.order_line_id AS order_line_id, x.quantity AS quantity, x.subtotal AS subtotal,
       x.total_tax AS total_tax
FROM refund_line_item AS x
LEFT JOIN order_line_refund AS known ON known.id = x.id
WHERE known.id IS NULL
