-- Deleted users stay: history belongs to them.
SELECT u.id AS user_id, coalesce(nullif(trim(concat(u.first_name, ' ', u.last_name)), ''), u.user_name) AS name,
       (SELECT m.email FROM mail AS m WHERE m.entity_id = u.id AND m.entity_type = 'User'
        ORDER BY m.is_primary DESC, m.address_id LIMIT 1) AS email,
       u.is_active AND NOT u.deleted AS is_active, u.default_team_id AS team_id, u.type IN ('api', 'system') AS is_integration
FROM "user" AS u
