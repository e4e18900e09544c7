SELECT text(t.id) AS team_id, t.name AS name
FROM team AS t
