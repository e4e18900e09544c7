-- Whoever may use the desk; portal users are customers' people. Who left stays: history is theirs.
SELECT u.name AS user_id, coalesce(nullif(trim(u.full_name), ''), u.name) AS name, u.email AS email, u.enabled = 1 AS is_active,
       u.name = 'Administrator' AS is_integration
FROM "User" AS u
WHERE u.user_type = 'System User'
