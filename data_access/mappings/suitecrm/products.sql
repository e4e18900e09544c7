SELECT p.id AS product_id, coalesce(nullif(trim(p.part_number), ''), nullif(trim(p.maincode), '')) AS sku, p.name AS name,
       coalesce(category.name, nullif(trim(p.category), '')) AS category,
       CASE WHEN parent.name IS NOT NULL THEN concat(parent.name, ' / ', category.name)
            ELSE coalesce(category.name, nullif(trim(p.category), '')) END AS category_path,
       p.price AS list_price,
       CASE WHEN coalesce(nullif(trim(p.currency_id), ''), '-99') = '-99' THEN setting('base_currency')
            ELSE currency.iso4217 END AS currency,
       p.cost AS unit_cost, TRUE AS is_active, coalesce(p.type, '') = 'Service' AS is_service,
       p.date_modified AS updated_at
FROM aos_products AS p
LEFT JOIN aos_product_categories AS category ON category.id = p.aos_product_category_id AND category.deleted = 0
LEFT JOIN aos_product_categories AS parent ON parent.id = category.parent_category_id AND parent.deleted = 0
LEFT JOIN currencies AS currency ON currency.id = p.currency_id
WHERE p.deleted = 0
