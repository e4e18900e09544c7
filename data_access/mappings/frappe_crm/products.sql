SELECT p.name AS product_id, p.product_code AS sku, coalesce(nullif(p.product_name, ''), p.product_code) AS name,
       nullif(p.standard_rate, 0) AS list_price, setting('base_currency') AS currency, coalesce(p.disabled, 0) <> 1 AS is_active
FROM "CRM Product" AS p
