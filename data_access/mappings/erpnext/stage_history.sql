SELECT s.deal AS opportunity_id, s.seq AS seq, s.stage_id AS stage_id, s.outcome AS outcome, s.at AS entered_at,
       s.left_at AS left_at, u.name AS changed_by, s.seq = 1 AS is_initial, s.is_rebuilt = 1 AS is_reconstructed,
       coalesce(s.position < s.position_before, FALSE) AS is_backward
FROM stays AS s
LEFT JOIN "User" AS u ON u.name = s.changed_by AND u.user_type = 'System User'
