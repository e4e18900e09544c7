SELECT text(s.deal) AS opportunity_id, s.seq AS seq, s.stage_id AS stage_id, s.outcome AS outcome, s.at AS entered_at,
       s.left_at AS left_at, s.seq = 1 AS is_initial, s.is_reconstructed AS is_reconstructed,
       coalesce(s.position < lag(s.position) OVER (PARTITION BY s.deal ORDER BY s.seq), FALSE) AS is_backward
FROM stays AS s
