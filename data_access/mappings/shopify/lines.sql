-- Lines without tax and less their share of every discount. Gift cards are no sale: what is bought with one is.
WITH shares AS (
    SELECT a.order_line_id AS line_id, SUM(a.amount) AS amount FROM discount_allocation AS a GROUP BY a.order_line_id
), taxes AS (
    SELECT t.order_line_id AS line_id, SUM(t.price) AS amount FROM line_taxes AS t GROUP BY t.order_line_id
)
SELECT l.id AS id, l.order_id AS order_id, l.product_id AS product_id, coalesce(l.name, l.title) AS title,
       coalesce(l.quantity, 0) AS quantity, coalesce(l.gift_card, FALSE) AS is_gift_card,
       coalesce(l.original_total, l.price * l.quantity, 0) AS listed,
       coalesce(share.amount, l.total_discount, 0) AS discount,
       CASE WHEN o.taxes_included THEN coalesce(tax.amount, 0) ELSE 0 END AS included_tax
FROM order_line AS l
JOIN "order" AS o ON o.id = l.order_id
LEFT JOIN shares AS share ON share.line_id = l.id
LEFT JOIN taxes AS tax ON tax.line_id = l.id
WHERE NOT coalesce(l._fivetran_deleted, FALSE)
