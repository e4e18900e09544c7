SELECT text(o.owner_id) AS user_id, MIN(coalesce(nullif(trim(concat(o.first_name, ' ', o.last_name)), ''), o.email, text(o.owner_id))) AS name,
       MIN(o.email) AS email, MAX(CASE WHEN coalesce(o.is_active, TRUE) THEN 1 ELSE 0 END) = 1 AS is_active,
       text(coalesce(MIN(CASE WHEN t.is_team_primary THEN team.id END), MIN(team.id))) AS team_id, MAX(o.updated_at) AS updated_at
FROM owner AS o
LEFT JOIN owner_team AS t ON t.owner_id = o.owner_id
LEFT JOIN team AS team ON team.id = t.team_id
GROUP BY o.owner_id
