SELECT text(o.id) AS owner_id, o.email AS email, o.first_name AS first_name, o.last_name AS last_name,
       NOT coalesce(o.archived, FALSE) AS is_active, o.updated_at AS updated_at
FROM owners AS o
