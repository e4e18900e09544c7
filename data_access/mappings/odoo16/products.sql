SELECT text(p.id) AS product_id, coalesce(p.default_code, t.default_code) AS sku, i18n(t.name) AS name, category.name AS category,
       category.complete_name AS category_path, t.list_price AS list_price, setting('base_currency') AS currency,
       cost.value AS unit_cost, coalesce(p.active, TRUE) AND coalesce(t.active, TRUE) AS is_active,
       coalesce(t.type = 'service', FALSE) AS is_service, t.write_date AS updated_at
FROM product_product AS p
JOIN product_template AS t ON t.id = p.product_tmpl_id
LEFT JOIN product_category AS category ON category.id = t.categ_id
LEFT JOIN (
  SELECT res_id, max(value_float) AS value FROM ir_property
  WHERE name = 'standard_price' AND company_id = (SELECT min(id) FROM res_company) GROUP BY res_id
) AS cost ON cost.res_id = concat('product.product,', text(p.id))
