SELECT s.stage_name AS stage_id, coalesce(s.label, s.stage_name) AS name, s.position AS position,
       s.probability AS probability, s.outcome AS outcome
FROM stages AS s
