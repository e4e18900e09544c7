SELECT text(p.id) AS product_id, p.property_hs_sku AS sku, p.property_name AS name, p.property_price AS list_price,
       setting('base_currency') AS currency, p.property_hs_cost_of_goods_sold AS unit_cost,
       NOT coalesce(p.is_deleted, FALSE) AND NOT coalesce(p._fivetran_deleted, FALSE) AS is_active
FROM product AS p
