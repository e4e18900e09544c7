SELECT s.stage_id AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, s.stage_id AS name, s.position AS position,
       s.probability AS probability, s.outcome AS outcome
FROM stages AS s
