WITH firsts AS (
    SELECT c.fk_product AS fk_product, MIN(k.label) AS label
    FROM categorie_product AS c JOIN categorie AS k ON k.rowid = c.fk_categorie
    GROUP BY c.fk_product
)
SELECT text(p.rowid) AS product_id, p.ref AS sku, p.label AS name, f.label AS category, p.price AS list_price,
       setting('base_currency') AS currency, p.cost AS unit_cost, p.tosell = 1 AS is_active, p.fk_product_type = 1 AS is_service
FROM product AS p
LEFT JOIN firsts AS f ON f.fk_product = p.rowid
WHERE mapped(p.entity, 'entity') = 'yes'
