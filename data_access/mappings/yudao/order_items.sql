-- The discount of a contract is spread over its lines.
SELECT text(l.id) AS order_item_id, text(o.id) AS order_id, text(p.id) AS product_id, l.count AS quantity,
       l.contract_price AS unit_price,
       l.total_price * (1 - coalesce(o.total_price / nullif(o.total_product_price, 0), 1)) AS discount,
       l.total_price * coalesce(o.total_price / nullif(o.total_product_price, 0), 1) AS net
FROM crm_contract_product AS l
JOIN crm_contract AS o ON o.id = l.contract_id AND NOT o.deleted AND coalesce(mapped(o.tenant_id, 'tenant'), CASE WHEN o.tenant_id IS NULL THEN 'yes' END) = 'yes'
LEFT JOIN crm_product AS p ON p.id = l.product_id AND NOT p.deleted
WHERE NOT l.deleted
