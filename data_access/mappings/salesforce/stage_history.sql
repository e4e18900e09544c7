SELECT s.deal AS opportunity_id, s.seq AS seq, s.stage_name AS stage_id, s.outcome AS outcome, s.at AS entered_at,
       s.left_at AS left_at, u.id AS changed_by, s.seq = 1 AS is_initial, s.is_reconstructed AS is_reconstructed,
       coalesce(s.position < lag(s.position) OVER (PARTITION BY s.deal ORDER BY s.seq), FALSE) AS is_backward
FROM stays AS s
LEFT JOIN "user" AS u ON u.id = s.changed_by AND coalesce(u._fivetran_active, TRUE)
