-- The tax of lines, under either of the two names that the connector has had for its table.
SELECT t.order_line_id AS order_line_id, t.price AS price
FROM tax_line AS t
UNION ALL
SELECT t.order_line_id AS order_line_id, t.price AS price
FROM order_line_tax_line AS t
LEFT JOIN (SELECT DISTINCT old.order_line_id AS order_line_id FROM tax_line AS old) AS known ON known.order_line_id = t.order_line_id
WHERE known.order_line_id IS NULL
