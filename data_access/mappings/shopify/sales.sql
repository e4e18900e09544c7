-- One row per order with its amounts without tax, shipping and gift cards. `subtotal_price` is after all discounts on goods
-- and holds the tax where prices do; `total_tax` has the tax on shipping too, and is asked only where lines have none.
WITH sums AS (
    SELECT l.order_id AS order_id, SUM(CASE WHEN l.is_gift_card THEN l.listed - l.discount ELSE 0 END) AS gift_cards,
           SUM(CASE WHEN l.is_gift_card THEN 0 ELSE l.discount END) AS discount, SUM(l.included_tax) AS included_tax
    FROM lines AS l
    GROUP BY l.order_id
), ships AS (
    SELECT s.order_id AS order_id, SUM(coalesce(s.discounted_price, s.price)) AS amount
    FROM order_shipping_line AS s
    GROUP BY s.order_id
), returned AS (
    SELECT r.order_id AS order_id,
           SUM(coalesce(x.subtotal, 0) - CASE WHEN o.taxes_included THEN coalesce(x.total_tax, 0) ELSE 0 END) AS amount
    FROM line_refunds AS x
    JOIN refund AS r ON r.id = x.refund_id
    JOIN "order" AS o ON o.id = r.order_id
    LEFT JOIN order_line AS l ON l.id = x.order_line_id
    WHERE NOT coalesce(l.gift_card, FALSE)
    GROUP BY r.order_id
), adjusted AS (
    -- what was given back beyond the lines, or less than them, for whatever reason; a refund of shipping is none of goods
    SELECT r.order_id AS order_id, SUM(a.amount) AS amount
    FROM order_adjustment AS a
    JOIN refund AS r ON r.id = a.refund_id
    WHERE lower(coalesce(a.kind, a.reason, '')) NOT LIKE '%shipping%'
    GROUP BY r.order_id
)
SELECT o.id AS id,
       coalesce(o.subtotal_price, 0) - coalesce(s.gift_cards, 0)
           - CASE WHEN NOT coalesce(o.taxes_included, FALSE) THEN 0
                  WHEN EXISTS (SELECT 1 FROM line_taxes AS t) THEN coalesce(s.included_tax, 0)
                  ELSE coalesce(o.total_tax, 0) END AS net,
       coalesce(s.discount, o.total_discounts, 0) AS discount, coalesce(o.shipping, ship.amount, 0) AS shipping,
       coalesce(returned.amount, 0) - coalesce(adjusted.amount, 0) AS refunded
FROM "order" AS o
LEFT JOIN sums AS s ON s.order_id = o.id
LEFT JOIN ships AS ship ON ship.order_id = o.id
LEFT JOIN returned ON returned.order_id = o.id
LEFT JOIN adjusted ON adjusted.order_id = o.id
