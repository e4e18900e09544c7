-- Deleted products stay, no longer sold: lines of old orders name them.
SELECT p.id AS product_id, coalesce(p.stock_keeping_unit, p.product_code) AS sku, p.name AS name, p.family AS category,
       coalesce(p.is_active, TRUE) AND NOT coalesce(p.is_deleted, FALSE) AS is_active, p.last_modified_date AS updated_at
FROM product_2 AS p
WHERE coalesce(p._fivetran_active, TRUE)
