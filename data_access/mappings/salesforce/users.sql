SELECT u.id AS user_id, u.name AS name, u.email AS email,
       coalesce(u.is_active, TRUE) AND NOT coalesce(u._fivetran_deleted, FALSE) AS is_active, r.id AS team_id,
       m.id AS manager_id, coalesce(u.user_type, 'Standard') IN ('AutomatedProcess', 'CloudIntegrationUser') AS is_integration,
       u.last_modified_date AS updated_at
FROM "user" AS u
LEFT JOIN user_role AS r ON r.id = u.user_role_id AND coalesce(r._fivetran_active, TRUE)
LEFT JOIN "user" AS m ON m.id = u.manager_id AND coalesce(m._fivetran_active, TRUE)
WHERE coalesce(u._fivetran_active, TRUE)
