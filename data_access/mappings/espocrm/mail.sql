-- The e-mail addresses of everything that has one.
SELECT l.entity_id, l.entity_type, l."primary" AS is_primary, a.id AS address_id, a.name AS email, a.opt_out
FROM entity_email_address AS l
JOIN email_address AS a ON a.id = l.email_address_id AND NOT a.deleted
WHERE NOT l.deleted
