SELECT text(p.id) AS product_id, coalesce(p.code, t.code) AS sku, t.name AS name, category.name AS category, price.list_price AS list_price,
       setting('base_currency') AS currency, cost.cost_price AS unit_cost, coalesce(p.active, TRUE) AND coalesce(t.active, TRUE) AS is_active,
       coalesce(t.type = 'service', FALSE) AS is_service, t.write_date AS updated_at
FROM product_product AS p
JOIN product_template AS t ON t.id = p.template
LEFT JOIN (SELECT template, min(category) AS category FROM ident("product_template-product_category") GROUP BY template) AS link ON link.template = t.id
LEFT JOIN product_category AS category ON category.id = link.category
LEFT JOIN (
  SELECT template, max(list_price) AS list_price FROM product_list_price WHERE company = (SELECT min(id) FROM company_company) AND product IS NULL
  GROUP BY template
) AS price ON price.template = t.id
LEFT JOIN (
  SELECT product, max(cost_price) AS cost_price FROM product_cost_price WHERE company = (SELECT min(id) FROM company_company) GROUP BY product
) AS cost ON cost.product = p.id
