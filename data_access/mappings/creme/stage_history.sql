-- What a deal's stays are made of: 1 how it began, 2 what was logged, 3 how it came to its present phase without a log.
WITH deals AS (
    SELECT o.cremeentity_ptr_id AS id, o.sales_phase_id AS phase_id, e.created AS created_at, e.modified AS modified_at,
           CASE WHEN p.outcome <> 'open' THEN 1 ELSE 0 END AS is_closed,
           to_utc(o.closing_date, setting('timezone')) AS closing_day
    FROM opportunities_opportunity AS o
    JOIN creme_core_cremeentity AS e ON e.id = o.cremeentity_ptr_id AND NOT e.is_deleted
    JOIN phase AS p ON p.id = o.sales_phase_id
),
stays AS (
    SELECT d.id, part.number AS part, m.place, d.phase_id AS present, m.was, m.becomes, m.username,
           CASE WHEN m.deal_id IS NULL THEN 1 ELSE 0 END AS is_unlogged, d.is_closed, d.created_at, d.modified_at,
           CASE WHEN d.is_closed = 1 THEN d.closing_day END AS closing_day,
           CASE WHEN m.moved_at > d.created_at THEN m.moved_at ELSE d.created_at END AS moved_at
    FROM deals AS d
    LEFT JOIN moves AS m ON m.deal_id = d.id
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2 UNION ALL SELECT 3) AS part
    WHERE (part.number = 1 AND coalesce(m.place, 1) = 1)
       OR (part.number = 2 AND m.is_move = 1)
       OR (part.number = 3 AND m.deal_id IS NULL AND d.is_closed = 1)
       OR (part.number = 3 AND m.is_last = 1 AND m.becomes <> d.phase_id)
),
entered AS (
    SELECT s.id, s.part, s.place, s.username, s.is_unlogged, CASE WHEN s.part = 3 THEN 1 ELSE 0 END AS last_part,
           CASE WHEN s.part = 1 THEN s.created_at
                WHEN s.part = 2 THEN s.moved_at
                WHEN s.closing_day <= s.moved_at THEN s.moved_at
                WHEN s.closing_day < s.modified_at THEN s.closing_day
                WHEN s.modified_at > s.moved_at THEN s.modified_at
                ELSE s.moved_at END AS entered_at,
           CASE WHEN s.part = 2 THEN s.becomes
                WHEN s.part = 3 THEN s.present
                WHEN s.is_unlogged = 0 THEN s.was
                WHEN s.is_closed = 0 THEN s.present END AS phase_id
    FROM stays AS s
),
ordered AS (
    SELECT e.id, e.part, e.username, e.is_unlogged, e.entered_at, e.phase_id,
           row_number() OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS seq,
           lead(e.entered_at) OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS left_at,
           lag(e.phase_id) OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS phase_before
    FROM entered AS e
)
SELECT text(w.id) AS opportunity_id, w.seq AS seq, text(present.id) AS stage_id,
       coalesce(present.outcome, 'open') AS outcome,
       w.entered_at AS entered_at, w.left_at AS left_at, text(u.id) AS changed_by, w.seq = 1 AS is_initial,
       w.part = 3 OR w.is_unlogged = 1 AS is_reconstructed,
       coalesce(present.place < former.place, FALSE) AS is_backward
FROM ordered AS w
LEFT JOIN phase AS present ON present.id = w.phase_id
LEFT JOIN phase AS former ON former.id = w.phase_before
LEFT JOIN creme_core_cremeuser AS u ON u.username = w.username AND w.part = 2
