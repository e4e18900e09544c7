SELECT text(p.id) AS product_id, nullif(p.no, '') AS sku, p.name AS name, category.name AS category, p.price AS list_price,
       setting('base_currency') AS currency, p.status = 1 AS is_active, to_utc(p.update_time, setting('timezone')) AS updated_at
FROM crm_product AS p
LEFT JOIN crm_product_category AS category ON category.id = p.category_id AND NOT category.deleted
WHERE NOT p.deleted AND coalesce(mapped(p.tenant_id, 'tenant'), CASE WHEN p.tenant_id IS NULL THEN 'yes' END) = 'yes'
