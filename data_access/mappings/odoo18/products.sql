SELECT text(p.id) AS product_id, coalesce(p.default_code, t.default_code) AS sku, i18n(t.name) AS name, category.name AS category,
       category.complete_name AS category_path, t.list_price AS list_price, setting('base_currency') AS currency,
       number(json_text(p.standard_price, '$."1"')) AS unit_cost, coalesce(p.active, TRUE) AND coalesce(t.active, TRUE) AS is_active,
       coalesce(t.type = 'service', FALSE) AS is_service, t.write_date AS updated_at
FROM product_product AS p
JOIN product_template AS t ON t.id = p.product_tmpl_id
LEFT JOIN product_category AS category ON category.id = t.categ_id
