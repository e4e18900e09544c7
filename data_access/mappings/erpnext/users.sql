-- Whoever may use the desk; portal users are customers' people. Who left stays: history is theirs.
SELECT u.name AS user_id, coalesce(nullif(trim(u.full_name), ''), u.name) AS name, u.email AS email, u.enabled = 1 AS is_active,
       (SELECT max(boss.name) FROM "Employee" AS e JOIN "Employee" AS b ON b.name = e.reports_to
        JOIN "User" AS boss ON boss.name = b.user_id AND boss.user_type = 'System User'
        WHERE e.user_id = u.name) AS manager_id,
       u.name = 'Administrator' AS is_integration
FROM "User" AS u
WHERE u.user_type = 'System User'
