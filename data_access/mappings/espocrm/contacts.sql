SELECT c.id AS contact_id, account.id AS customer_id,
       coalesce(nullif(trim(concat(c.first_name, ' ', c.last_name)), ''), c.id) AS full_name,
       (SELECT m.email FROM mail AS m WHERE m.entity_id = c.id AND m.entity_type = 'Contact'
        ORDER BY m.is_primary DESC, m.address_id LIMIT 1) AS email,
       (SELECT m.opt_out FROM mail AS m WHERE m.entity_id = c.id AND m.entity_type = 'Contact'
        ORDER BY m.is_primary DESC, m.address_id LIMIT 1) AS opted_out,
       c.created_at AS created_at, c.modified_at AS updated_at
FROM contact AS c
LEFT JOIN account ON account.id = c.account_id AND NOT account.deleted
WHERE NOT c.deleted
