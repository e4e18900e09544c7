-- Deleted users stay: history belongs to them. `status` 0 is active.
SELECT text(u.id) AS user_id, coalesce(nullif(u.nickname, ''), u.username) AS name, nullif(u.email, '') AS email,
       u.status = 0 AND NOT u.deleted AS is_active, text(d.id) AS team_id, to_utc(u.update_time, setting('timezone')) AS updated_at
FROM system_users AS u
LEFT JOIN system_dept AS d ON d.id = u.dept_id AND NOT d.deleted
WHERE coalesce(mapped(u.tenant_id, 'tenant'), CASE WHEN u.tenant_id IS NULL THEN 'yes' END) = 'yes'
