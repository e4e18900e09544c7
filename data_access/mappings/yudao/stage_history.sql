-- Nothing is logged: an open deal is where it is since it began, a closed one was somewhere until its last change.
SELECT text(b.id) AS opportunity_id, part.number AS seq,
       CASE WHEN part.number = 1 AND b.end_status IN (1, 2, 3) THEN NULL ELSE CASE WHEN b.end_status IN (1, 2, 3) THEN concat(text(b.status_type_id), '-', CASE b.end_status WHEN 1 THEN 'won' WHEN 2 THEN 'lost' WHEN 3 THEN 'void' ELSE 'open' END) ELSE text(b.status_id) END END AS stage_id,
       CASE WHEN part.number = 1 THEN 'open' ELSE CASE b.end_status WHEN 1 THEN 'won' WHEN 2 THEN 'lost' WHEN 3 THEN 'void' ELSE 'open' END END AS outcome,
       CASE WHEN part.number = 1 THEN to_utc(b.create_time, setting('timezone')) ELSE to_utc(CASE WHEN b.update_time > b.create_time THEN b.update_time ELSE b.create_time END, setting('timezone')) END AS entered_at,
       CASE WHEN part.number = 1 AND b.end_status IN (1, 2, 3) THEN to_utc(CASE WHEN b.update_time > b.create_time THEN b.update_time ELSE b.create_time END, setting('timezone')) END AS left_at,
       part.number = 1 AS is_initial, TRUE AS is_reconstructed, FALSE AS is_backward
FROM crm_business AS b
CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS part
WHERE NOT b.deleted AND coalesce(mapped(b.tenant_id, 'tenant'), CASE WHEN b.tenant_id IS NULL THEN 'yes' END) = 'yes' AND (part.number = 1 OR b.end_status IN (1, 2, 3))
