SELECT g.name AS group_name, text(v.value) AS code, MIN(v.name) AS name
FROM option_value AS v
JOIN option_group AS g ON g.id = v.option_group_id
GROUP BY g.name, text(v.value)
