SELECT s.stage_id AS stage_id, coalesce(s.pipeline_id, 'default') AS pipeline_id,
       coalesce(p.label, s.pipeline_id, 'Sales') AS pipeline_name, s.name AS name, s.position AS position,
       s.probability AS probability, s.outcome AS outcome
FROM stages AS s
LEFT JOIN deal_pipeline AS p ON p.pipeline_id = s.pipeline_id
