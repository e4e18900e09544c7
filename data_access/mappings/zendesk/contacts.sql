SELECT text(u.id) AS contact_id, p.customer_id AS customer_id, coalesce(u.name, u.email, text(u.id)) AS full_name,
       u.email AS email, u.phone AS phone, u.created_at AS created_at, u.updated_at AS updated_at
FROM people AS p
JOIN "user" AS u ON u.id = p.id
