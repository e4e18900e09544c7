-- Contracts are the orders; they count once they are approved. Prices are taken as they are, for tax is not told apart.
SELECT text(o.id) AS order_id, text(c.id) AS customer_id, text(person.id) AS contact_id, text(b.id) AS opportunity_id,
       text(owner.id) AS owner_id, nullif(o.no, '') AS order_no, text(o.audit_status) AS status_raw,
       mapped(text(o.audit_status), 'contract_status') AS status, to_utc(coalesce(o.order_date, o.create_time), setting('timezone')) AS ordered_at,
       setting('base_currency') AS currency, o.total_price AS net,
       CASE WHEN o.total_product_price > o.total_price THEN o.total_product_price - o.total_price ELSE 0 END AS discount,
       'contract' AS document, to_utc(o.update_time, setting('timezone')) AS updated_at
FROM crm_contract AS o
LEFT JOIN crm_customer AS c ON c.id = o.customer_id AND NOT c.deleted
LEFT JOIN crm_contact AS person ON person.id = o.sign_contact_id AND NOT person.deleted
LEFT JOIN crm_business AS b ON b.id = o.business_id AND NOT b.deleted
LEFT JOIN system_users AS owner ON owner.id = o.owner_user_id
WHERE NOT o.deleted AND coalesce(mapped(o.tenant_id, 'tenant'), CASE WHEN o.tenant_id IS NULL THEN 'yes' END) = 'yes'
