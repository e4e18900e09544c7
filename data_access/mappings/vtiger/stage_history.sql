-- What came before the first snapshot is not known, unless it was taken when the deal was made.
WITH deals AS (
    SELECT p.potentialid AS id, coalesce(nullif(trim(p.sales_stage), ''), '(none)') AS stage_id, e.createdtime AS created_at,
           coalesce(e.modifiedtime, e.createdtime) AS modified_at,
           CASE WHEN coalesce(stage_outcome(coalesce(nullif(trim(p.sales_stage), ''), '(none)')), 'open') <> 'open' THEN 1 ELSE 0 END AS is_closed,
           p.closingdate AS closing_day
    FROM vtiger_potential AS p
    JOIN vtiger_crmentity AS e ON e.crmid = p.potentialid AND e.deleted = 0
),
stays AS (
    SELECT d.id, part.number AS part, m.place, d.stage_id AS present, m.stage, d.is_closed, d.created_at, d.modified_at,
           CASE WHEN m.potentialid IS NULL THEN 1 ELSE 0 END AS is_unlogged,
           CASE WHEN d.is_closed = 1 THEN d.closing_day END AS closing_day,
           CASE WHEN m.moved_at > d.created_at THEN m.moved_at ELSE d.created_at END AS moved_at
    FROM deals AS d
    LEFT JOIN moves AS m ON m.potentialid = d.id
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2 UNION ALL SELECT 3) AS part
    WHERE (part.number = 1 AND (m.potentialid IS NULL OR (m.place = 1 AND m.moved_at > d.created_at)))
       OR (part.number = 2 AND m.is_move = 1)
       OR (part.number = 3 AND m.potentialid IS NULL AND d.is_closed = 1)
       OR (part.number = 3 AND m.is_last = 1 AND m.stage <> d.stage_id)
),
entered AS (
    SELECT s.id, s.part, s.place, s.is_unlogged, CASE WHEN s.part = 3 THEN 1 ELSE 0 END AS last_part,
           CASE WHEN s.part = 1 THEN s.created_at
                WHEN s.part = 2 THEN s.moved_at
                WHEN s.closing_day <= s.moved_at THEN s.moved_at
                WHEN s.closing_day < s.modified_at THEN s.closing_day
                WHEN s.modified_at > s.moved_at THEN s.modified_at
                ELSE s.moved_at END AS entered_at,
           CASE WHEN s.part = 2 THEN s.stage
                WHEN s.part = 3 THEN s.present
                WHEN s.is_unlogged = 1 AND s.is_closed = 0 THEN s.present END AS stage_id
    FROM stays AS s
),
ordered AS (
    SELECT e.id, e.part, e.is_unlogged, e.entered_at, e.stage_id,
           row_number() OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS seq,
           lead(e.entered_at) OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS left_at,
           lag(e.stage_id) OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS stage_before
    FROM entered AS e
),
places AS (
    SELECT trim(s.sales_stage) AS stage_id, min(s.sortorderid) AS place FROM vtiger_sales_stage AS s GROUP BY trim(s.sales_stage)
)
SELECT text(w.id) AS opportunity_id, w.seq AS seq, w.stage_id AS stage_id,
       coalesce(stage_outcome(w.stage_id), 'open') AS outcome, to_utc(w.entered_at, setting('timezone')) AS entered_at, to_utc(w.left_at, setting('timezone')) AS left_at,
       w.seq = 1 AS is_initial, w.part <> 2 AS is_reconstructed, coalesce(here.place < former.place, FALSE) AS is_backward
FROM ordered AS w
LEFT JOIN places AS here ON here.stage_id = w.stage_id
LEFT JOIN places AS former ON former.stage_id = w.stage_before
