WITH returns AS (
    SELECT x.order_line_id AS line_id, SUM(x.quantity) AS quantity FROM line_refunds AS x GROUP BY x.order_line_id
)
SELECT text(l.id) AS order_item_id, text(l.order_id) AS order_id, text(p.id) AS product_id, l.title AS description,
       l.quantity AS quantity, (l.listed - l.included_tax) / nullif(l.quantity, 0) AS unit_price, l.discount AS discount,
       l.listed - l.discount - l.included_tax AS net, coalesce(r.quantity, 0) AS refunded_quantity
FROM lines AS l
JOIN "order" AS o ON o.id = l.order_id AND NOT coalesce(o._fivetran_deleted, FALSE)
LEFT JOIN product AS p ON p.id = l.product_id
LEFT JOIN returns AS r ON r.line_id = l.id
WHERE NOT l.is_gift_card
