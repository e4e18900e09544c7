SELECT text(p.id) AS id,
       coalesce(p.archived, FALSE) AS is_deleted,
       FALSE AS _fivetran_deleted,
       nullif(coalesce(p.properties_name, json_text(p.properties, '$.name')), '') AS property_name,
       nullif(coalesce(p.properties_hs_sku, json_text(p.properties, '$.hs_sku')), '') AS property_hs_sku,
       money(coalesce(p.properties_price, json_text(p.properties, '$.price'))) AS property_price,
       money(coalesce(p.properties_hs_cost_of_goods_sold, json_text(p.properties, '$.hs_cost_of_goods_sold')))
           AS property_hs_cost_of_goods_sold
FROM products AS p
