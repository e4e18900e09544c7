SELECT text(d.id) AS team_id, d.name AS name, text(above.id) AS parent_team_id
FROM system_dept AS d
LEFT JOIN system_dept AS above ON above.id = d.parent_id AND NOT above.deleted
WHERE NOT d.deleted AND coalesce(mapped(d.tenant_id, 'tenant'), CASE WHEN d.tenant_id IS NULL THEN 'yes' END) = 'yes'
