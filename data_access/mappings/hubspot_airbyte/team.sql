SELECT json_text(item.value, '$.id') AS id, max(json_text(item.value, '$.name')) AS name
FROM owners AS o
CROSS JOIN json_rows(o.teams) AS item
GROUP BY json_text(item.value, '$.id')
