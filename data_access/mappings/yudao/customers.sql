SELECT text(c.id) AS customer_id, c.name AS name, 'company' AS kind, nullif(c.email, '') AS email,
       coalesce(nullif(c.mobile, ''), nullif(c.telephone, '')) AS phone, 'CN' AS country, text(c.area_id) AS region,
       text(c.industry_id) AS industry, text(c.level) AS segment, text(owner.id) AS owner_id,
       channel(text(c.source)) AS acquired_channel, to_utc(c.create_time, setting('timezone')) AS first_seen_at, TRUE AS is_active,
       FALSE AS is_own_company, to_utc(c.update_time, setting('timezone')) AS updated_at
FROM crm_customer AS c
LEFT JOIN system_users AS owner ON owner.id = c.owner_user_id
WHERE NOT c.deleted AND coalesce(mapped(c.tenant_id, 'tenant'), CASE WHEN c.tenant_id IS NULL THEN 'yes' END) = 'yes'
