-- Deleted users stay: history belongs to them.
WITH memberships AS (
    SELECT m.user_id, coalesce(min(CASE WHEN m.primary_group = 1 THEN g.id END), min(g.id)) AS group_id
    FROM securitygroups_users AS m
    JOIN securitygroups AS g ON g.id = m.securitygroup_id AND g.deleted = 0
    WHERE m.deleted = 0
    GROUP BY m.user_id
)
SELECT u.id AS user_id, coalesce(nullif(trim(concat(u.first_name, ' ', u.last_name)), ''), u.user_name) AS name,
       (SELECT m.email_address FROM mail AS m WHERE m.bean_id = u.id AND m.bean_module = 'Users'
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1) AS email, u.deleted = 0 AND coalesce(u.status, 'Active') = 'Active' AS is_active,
       g.group_id AS team_id, manager.id AS manager_id, coalesce(u.is_group, 0) = 1 AS is_integration,
       u.date_modified AS updated_at
FROM users AS u
LEFT JOIN memberships AS g ON g.user_id = u.id
LEFT JOIN users AS manager ON manager.id = u.reports_to_id
