SELECT text(u.id) AS user_id, coalesce(u.name, u.email, text(u.id)) AS name, u.email AS email,
       coalesce(u.active, TRUE) AND NOT coalesce(u.suspended, FALSE) AND u.role IN ('agent', 'admin') AS is_active, u.updated_at AS updated_at
FROM "user" AS u
JOIN agents AS agent ON agent.id = u.id
