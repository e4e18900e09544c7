SELECT text(i.id) AS id,
       coalesce(i.archived, FALSE) AS is_deleted,
       FALSE AS _fivetran_deleted,
       text(whole(coalesce(i.properties_hs_product_id, json_text(i.properties, '$.hs_product_id')))) AS product_id,
       money(coalesce(i.properties_quantity, json_text(i.properties, '$.quantity'))) AS property_quantity,
       money(coalesce(i.properties_price, json_text(i.properties, '$.price'))) AS property_price,
       money(coalesce(i.properties_amount, json_text(i.properties, '$.amount'))) AS property_amount
FROM line_items AS i
