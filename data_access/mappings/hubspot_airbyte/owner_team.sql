SELECT text(o.id) AS owner_id, json_text(item.value, '$.id') AS team_id,
       coalesce(bool(json_text(item.value, '$.primary')), json_text(item.value, '$.membership') = 'PRIMARY', FALSE) AS is_team_primary
FROM owners AS o
CROSS JOIN json_rows(o.teams) AS item
