-- Templates of variants are no products: their variants are sold.
SELECT i.name AS product_id, i.item_code AS sku, coalesce(nullif(i.item_name, ''), i.item_code) AS name, nullif(i.item_group, '') AS category,
       CASE WHEN above.name IS NOT NULL AND g.parent_item_group <> 'All Item Groups' THEN concat(above.name, ' / ', i.item_group)
            ELSE nullif(i.item_group, '') END AS category_path,
       nullif(i.standard_rate, 0) AS list_price, setting('base_currency') AS currency, nullif(i.valuation_rate, 0) AS unit_cost,
       coalesce(i.disabled, 0) <> 1 AND coalesce(i.is_sales_item, 1) = 1 AS is_active, coalesce(i.is_stock_item, 1) <> 1 AS is_service
FROM "Item" AS i
LEFT JOIN "Item Group" AS g ON g.name = i.item_group
LEFT JOIN "Item Group" AS above ON above.name = g.parent_item_group
