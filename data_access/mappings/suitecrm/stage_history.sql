-- The log of changes as stays, one after the other. Creation is not logged: the first stay is in the stage that the first
-- change left. A deal without a logged change has a stay in its present stage, or, when it is closed, one in a stage that
-- nobody knows and one from its closing on.
WITH placed AS (
    SELECT a.parent_id, a.date_created, a.created_by,
           substring(a.before_value_string, 1, 100) AS was, substring(a.after_value_string, 1, 100) AS becomes,
           row_number() OVER (PARTITION BY a.parent_id ORDER BY a.date_created) AS place,
           lag(substring(a.after_value_string, 1, 100)) OVER (PARTITION BY a.parent_id ORDER BY a.date_created) AS before_it,
           lag(a.date_created) OVER (PARTITION BY a.parent_id ORDER BY a.date_created) AS earlier,
           lag(a.date_created, 2) OVER (PARTITION BY a.parent_id ORDER BY a.date_created) AS much_earlier,
           lead(a.date_created) OVER (PARTITION BY a.parent_id ORDER BY a.date_created) AS later
    FROM opportunities_audit AS a
    WHERE a.field_name = 'sales_stage'
),
-- Several rows of one moment are one change: from the stage that none of them enters to the one that none of them leaves.
changes AS (
    SELECT p.parent_id, p.date_created, p.created_by, p.place, p.later IS NULL AS is_last,
           CASE WHEN p.later = p.date_created THEN
               coalesce((SELECT min(s.before_value_string) FROM opportunities_audit AS s
                         WHERE s.parent_id = p.parent_id AND s.date_created = p.date_created
                           AND s.field_name = 'sales_stage'
                           AND NOT EXISTS (SELECT 1 FROM opportunities_audit AS e
                                           WHERE e.parent_id = p.parent_id AND e.date_created = p.date_created
                                             AND e.field_name = 'sales_stage'
                                             AND e.after_value_string = s.before_value_string)), p.was)
                ELSE p.was END AS was,
           CASE WHEN p.later = p.date_created OR p.earlier = p.date_created THEN
               (SELECT min(s.after_value_string) FROM opportunities_audit AS s
                WHERE s.parent_id = p.parent_id AND s.date_created = p.date_created AND s.field_name = 'sales_stage'
                  AND NOT EXISTS (SELECT 1 FROM opportunities_audit AS e
                                  WHERE e.parent_id = p.parent_id AND e.date_created = p.date_created
                                    AND e.field_name = 'sales_stage'
                                    AND e.before_value_string = s.after_value_string))
                ELSE p.becomes END AS becomes,
           CASE WHEN p.earlier = p.date_created THEN 0
                WHEN p.later = p.date_created THEN 1
                WHEN p.was = p.becomes AND p.place = 1 THEN 0
                WHEN p.much_earlier = p.earlier THEN
                CASE WHEN p.becomes = (SELECT min(s.after_value_string) FROM opportunities_audit AS s
                                       WHERE s.parent_id = p.parent_id AND s.date_created = p.earlier
                                         AND s.field_name = 'sales_stage'
                                         AND NOT EXISTS (SELECT 1 FROM opportunities_audit AS e
                                                         WHERE e.parent_id = p.parent_id AND e.date_created = p.earlier
                                                           AND e.field_name = 'sales_stage'
                                                           AND e.before_value_string = s.after_value_string))
                     THEN 0 ELSE 1 END
                WHEN p.before_it = p.becomes THEN 0
                ELSE 1 END AS is_move
    FROM placed AS p
),
deals AS (
    SELECT o.id, coalesce(o.date_entered, o.date_modified) AS created_at,
           coalesce(o.date_modified, o.date_entered) AS modified_at,
           coalesce(nullif(trim(o.sales_stage), ''), '(none)') AS stage_id,
           coalesce(stage_outcome(coalesce(nullif(trim(o.sales_stage), ''), '(none)')), 'open') <> 'open' AS is_closed,
           to_utc(o.date_closed, setting('timezone')) AS closing_day, o.amount_usdollar
    FROM opportunities AS o
    WHERE o.deleted = 0
),
-- What a deal's stays are made of: 1 how it began, 2 what was logged, 3 how it came to its present stage without a log.
stays AS (
    SELECT d.id, part.number AS part, c.place, d.stage_id AS present, c.was, c.becomes, c.created_by,
           c.parent_id IS NULL AS is_unlogged, d.is_closed, d.amount_usdollar, d.created_at, d.modified_at,
           CASE WHEN d.is_closed THEN d.closing_day END AS closing_day,
           CASE WHEN c.date_created > d.created_at THEN c.date_created ELSE d.created_at END AS moved_at
    FROM deals AS d
    LEFT JOIN changes AS c ON c.parent_id = d.id
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2 UNION ALL SELECT 3) AS part
    WHERE (part.number = 1 AND coalesce(c.place, 1) = 1)
       OR (part.number = 2 AND c.is_move = 1 AND c.becomes IS NOT NULL)
       OR (part.number = 3 AND c.parent_id IS NULL AND d.is_closed)
       OR (part.number = 3 AND c.is_last AND trim(c.becomes) <> d.stage_id)
),
entered AS (
    SELECT s.id, s.part, s.place, s.created_by, s.is_unlogged, s.amount_usdollar,
           CASE WHEN s.part = 3 THEN 1 ELSE 0 END AS last_part,
           CASE WHEN s.part = 1 THEN s.created_at
                WHEN s.part = 2 THEN s.moved_at
                WHEN s.closing_day <= s.moved_at THEN s.moved_at
                WHEN s.closing_day < s.modified_at THEN s.closing_day
                WHEN s.modified_at > s.moved_at THEN s.modified_at
                ELSE s.moved_at END AS entered_at,
           CASE WHEN s.part = 2 THEN nullif(trim(s.becomes), '')
                WHEN s.part = 3 THEN s.present
                WHEN NOT s.is_unlogged THEN nullif(trim(s.was), '')
                WHEN NOT s.is_closed THEN s.present END AS stage_id
    FROM stays AS s
),
ordered AS (
    SELECT e.id, e.part, e.created_by, e.is_unlogged, e.entered_at, e.stage_id, e.amount_usdollar,
           row_number() OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS seq,
           lead(e.entered_at) OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS left_at,
           lag(e.stage_id) OVER (PARTITION BY e.id ORDER BY e.last_part, e.place, e.part) AS stage_before
    FROM entered AS e
)
SELECT w.id AS opportunity_id, w.seq AS seq, w.stage_id AS stage_id,
       coalesce(stage_outcome(w.stage_id), 'open') AS outcome, w.entered_at AS entered_at, w.left_at AS left_at,
       CASE WHEN w.part = 2 THEN nullif(w.created_by, '') END AS changed_by,
       coalesce((SELECT number(a.after_value_string) FROM opportunities_audit AS a
                 WHERE a.parent_id = w.id AND a.field_name = 'amount_usdollar' AND a.date_created <= w.entered_at
                 ORDER BY a.date_created DESC, a.id DESC LIMIT 1),
                (SELECT number(a.before_value_string) FROM opportunities_audit AS a
                 WHERE a.parent_id = w.id AND a.field_name = 'amount_usdollar' AND a.date_created > w.entered_at
                 ORDER BY a.date_created, a.id LIMIT 1), w.amount_usdollar) AS amount_base_at,
       w.seq = 1 AS is_initial, w.part = 3 OR w.is_unlogged AS is_reconstructed,
       coalesce(cast(mapped(w.stage_id, 'stage_position') AS integer) < cast(mapped(w.stage_before, 'stage_position') AS integer), FALSE)
           AS is_backward
FROM ordered AS w
