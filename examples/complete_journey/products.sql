-- The product list lacks some products that were sold; they get a bare row.
SELECT
    key(p.product_id) AS product_id,
    key(p.product_id) AS sku,
    coalesce(p.product_type, p.product_category, p.department) AS name,
    p.product_category AS category,
    concat(p.department, ' / ', coalesce(p.product_category, '-')) AS category_path,
    p.brand AS x_brand,
    p._file,
    p._row
FROM products AS p
UNION ALL
SELECT key(t.product_id), key(t.product_id), concat('Product ', key(t.product_id)), NULL, NULL, NULL, NULL, NULL
FROM transactions AS t
WHERE NOT EXISTS (SELECT 1 FROM products AS q WHERE q.product_id = t.product_id)
GROUP BY t.product_id
