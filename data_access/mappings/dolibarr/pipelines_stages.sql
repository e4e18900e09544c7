SELECT text(s.rowid) AS stage_id, coalesce(s.label, s.code) AS name, coalesce(s.position, 0) AS position,
       CASE WHEN s.percent BETWEEN 0 AND 100 THEN s.percent / 100.0 END AS probability, stage_outcome(s.code) AS outcome
FROM c_lead_status AS s
