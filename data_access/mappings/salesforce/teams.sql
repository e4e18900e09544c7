SELECT r.id AS team_id, r.name AS name, above.id AS parent_team_id
FROM user_role AS r
LEFT JOIN user_role AS above ON above.id = r.parent_role_id AND coalesce(above._fivetran_active, TRUE)
WHERE coalesce(r._fivetran_active, TRUE)
