SELECT text(p.id) AS contact_id, text(c.id) AS customer_id, p.name AS full_name, nullif(p.email, '') AS email,
       coalesce(nullif(p.mobile, ''), nullif(p.telephone, '')) AS phone, nullif(p.post, '') AS job_title,
       coalesce(p.master, FALSE) AS is_primary, to_utc(p.create_time, setting('timezone')) AS created_at, to_utc(p.update_time, setting('timezone')) AS updated_at
FROM crm_contact AS p
LEFT JOIN crm_customer AS c ON c.id = p.customer_id AND NOT c.deleted
WHERE NOT p.deleted AND coalesce(mapped(p.tenant_id, 'tenant'), CASE WHEN p.tenant_id IS NULL THEN 'yes' END) = 'yes'
