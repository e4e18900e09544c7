SELECT text(l.id) AS opportunity_line_id, text(b.id) AS opportunity_id, text(p.id) AS product_id,
       l.count AS quantity, l.total_price AS net_amount, setting('base_currency') AS currency
FROM crm_business_product AS l
JOIN crm_business AS b ON b.id = l.business_id AND NOT b.deleted AND coalesce(mapped(b.tenant_id, 'tenant'), CASE WHEN b.tenant_id IS NULL THEN 'yes' END) = 'yes'
LEFT JOIN crm_product AS p ON p.id = l.product_id AND NOT p.deleted
WHERE NOT l.deleted
