-- A product with the mean price and cost of its variants. Deleted ones stay, no longer sold.
WITH variants AS (
    SELECT v.product_id AS product_id, MIN(v.sku) AS sku, AVG(v.price) AS price, AVG(i.cost) AS cost
    FROM product_variant AS v
    LEFT JOIN inventory_item AS i ON i.id = v.inventory_item_id
    GROUP BY v.product_id
)
SELECT text(p.id) AS product_id, nullif(v.sku, '') AS sku, coalesce(p.title, text(p.id)) AS name, nullif(p.product_type, '') AS category,
       v.price AS list_price, setting('base_currency') AS currency, v.cost AS unit_cost,
       NOT coalesce(p._fivetran_deleted, FALSE) AND lower(coalesce(p.status, 'active')) = 'active' AS is_active,
       p.updated_at AS updated_at
FROM product AS p
LEFT JOIN variants AS v ON v.product_id = p.id
