-- Lines of invoices; the same table holds those of quotes and contracts. A service has a price and no quantity.
WITH items AS (
    SELECT p.id, p.parent_id, p.product_id, p.name, p.date_modified, i.currency_id,
           CASE WHEN p.product_qty <> 0 THEN p.product_qty ELSE 1 END AS quantity,
           abs(coalesce(p.product_discount_amount, 0)) AS discount,
           CASE WHEN p.product_unit_price <> 0 OR coalesce(p.product_total_price, 0) = 0
                THEN coalesce(p.product_unit_price, 0) * CASE WHEN p.product_qty <> 0 THEN p.product_qty ELSE 1 END
                ELSE p.product_total_price END AS net,
           CASE WHEN p.product_unit_price <> 0 OR coalesce(p.product_total_price, 0) = 0
                THEN p.product_unit_price_usdollar * CASE WHEN p.product_qty <> 0 THEN p.product_qty ELSE 1 END
                ELSE p.product_total_price_usdollar END AS net_base,
           CASE WHEN i.subtotal_amount <> 0 THEN i.subtotal_amount_usdollar / i.subtotal_amount
                WHEN i.total_amount <> 0 THEN i.total_amount_usdollar / i.total_amount END AS rate
    FROM aos_products_quotes AS p
    JOIN aos_invoices AS i ON i.id = p.parent_id AND i.deleted = 0
    WHERE p.deleted = 0 AND p.parent_type = 'AOS_Invoices'
)
SELECT t.id AS order_item_id, t.parent_id AS order_id, product.id AS product_id, t.name AS description,
       t.quantity AS quantity, t.net / t.quantity + t.discount AS unit_price, t.discount * t.quantity AS discount,
       t.net AS net,
       CASE WHEN coalesce(nullif(trim(t.currency_id), ''), '-99') = '-99' THEN t.net
            WHEN t.net_base IS NOT NULL AND (t.net_base <> 0 OR t.net = 0) THEN t.net_base
            WHEN t.rate <> 0 THEN t.net * t.rate
            ELSE t.net / nullif(currency.conversion_rate, 0) END AS net_base,
       t.date_modified AS updated_at
FROM items AS t
LEFT JOIN aos_products AS product ON product.id = t.product_id AND product.deleted = 0
LEFT JOIN currencies AS currency ON currency.id = t.currency_id
