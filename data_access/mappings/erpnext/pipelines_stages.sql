SELECT s.stage_id AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, s.name AS name, s.position AS position,
       s.outcome AS outcome
FROM stages AS s
