-- Contacts that are not in the trash, with their main e-mail.
SELECT c.id AS id, c.contact_type AS contact_type, c.display_name AS name, MIN(e.email) AS email
FROM contact AS c
LEFT JOIN email AS e ON e.contact_id = c.id AND e.is_primary
WHERE NOT coalesce(c.is_deleted, FALSE)
GROUP BY c.id, c.contact_type, c.display_name
