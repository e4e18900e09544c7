SELECT text(d.id) AS opportunity_id, 1 AS seq, CASE WHEN d.outcome = 'open' THEN text(d.stage_id) END AS stage_id,
       'open' AS outcome, d.created_at AS entered_at, CASE WHEN d.outcome <> 'open' THEN d.closed_about END AS left_at,
       TRUE AS is_initial, TRUE AS is_reconstructed
FROM deals AS d
UNION ALL
SELECT text(d.id) AS opportunity_id, 2 AS seq, text(d.stage_id) AS stage_id, d.outcome AS outcome, d.closed_about AS entered_at,
       NULL AS left_at, FALSE AS is_initial, TRUE AS is_reconstructed
FROM deals AS d
WHERE d.outcome <> 'open'
