SELECT s.deal AS opportunity_id, s.seq AS seq, s.stage_id AS stage_id, s.outcome AS outcome, s.at AS entered_at,
       s.left_at AS left_at, text(m.id) AS changed_by, s.seq = 1 AS is_initial, s.is_rebuilt = 1 AS is_reconstructed,
       coalesce(s.position < s.position_before, FALSE) AS is_backward
FROM stays AS s
LEFT JOIN "workspaceMember" AS m ON text(m.id) = s.changed_by
