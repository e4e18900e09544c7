-- A clue becomes a customer, not a deal; when it did is not kept apart from other changes.
SELECT text(l.id) AS lead_id, text(c.id) AS customer_id, l.name AS name, email_key(l.email) AS email_key,
       text(l.source) AS source_raw, channel(text(l.source)) AS channel, text(owner.id) AS owner_id,
       CASE WHEN l.transform_status THEN 'transformed' WHEN l.follow_up_status THEN 'followed up' ELSE 'new' END AS status_raw,
       CASE WHEN l.transform_status THEN 'converted' WHEN l.follow_up_status THEN 'working' ELSE 'new' END AS status,
       to_utc(l.create_time, setting('timezone')) AS created_at, to_utc(l.update_time, setting('timezone')) AS updated_at
FROM crm_clue AS l
LEFT JOIN crm_customer AS c ON c.id = l.customer_id AND NOT c.deleted
LEFT JOIN system_users AS owner ON owner.id = l.owner_user_id
WHERE NOT l.deleted AND coalesce(mapped(l.tenant_id, 'tenant'), CASE WHEN l.tenant_id IS NULL THEN 'yes' END) = 'yes'
