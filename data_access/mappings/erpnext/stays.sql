-- A deal's stage is its sales stage, or the status that ended it: both are followed through what is logged of either. Deals
-- and changes meet once, and what a deal is goes along with its changes: a table that is asked for twice is made twice.
WITH deals AS (
    SELECT o.name AS id, coalesce(nullif(trim(o.sales_stage), ''), '(none)') AS sales_stage,
           CASE WHEN coalesce(stage_outcome(o.status), 'open') <> 'open' THEN concat('status:', o.status)
                ELSE coalesce(nullif(trim(o.sales_stage), ''), '(none)') END AS stage_id,
           to_utc(o.creation, setting('timezone')) AS created_at, to_utc(coalesce(o.modified, o.creation), setting('timezone')) AS modified_at
    FROM "Opportunity" AS o
),
told AS (
    SELECT d.id AS deal, d.sales_stage AS present_sales_stage, d.stage_id AS present, d.created_at AS created_at,
           d.modified_at AS modified_at, c.field AS field, c.was AS was, c.becomes AS becomes, c.who AS who, c.is_version AS is_version,
           c.tie AS tie, CASE WHEN to_utc(c.logged_on, setting('timezone')) < d.created_at THEN d.created_at
                              ELSE to_utc(c.logged_on, setting('timezone')) END AS at,
           row_number() OVER (PARTITION BY d.id, c.field ORDER BY c.logged_on, c.tie) AS place
    FROM deals AS d
    LEFT JOIN changes AS c ON c.deal = d.id
),
-- how a deal began: with what the first change left, else with its present sales stage; labels do not tell sales stages
begun AS (
    SELECT t.deal, t.present_sales_stage, t.present, t.created_at, t.modified_at, t.field, t.becomes, t.who, t.at,
           row_number() OVER (PARTITION BY t.deal ORDER BY t.at, t.tie, t.field) AS number,
           max(CASE WHEN t.field = 'status' AND t.place = 1 THEN t.was END) OVER (PARTITION BY t.deal) AS first_status,
           max(CASE WHEN t.field = 'sales_stage' AND t.place = 1 THEN coalesce(t.was, '(none)') END) OVER (PARTITION BY t.deal) AS first_stage,
           coalesce(max(t.is_version) OVER (PARTITION BY t.deal), 0) AS is_versioned
    FROM told AS t
),
lines AS (
    SELECT b.deal, b.present, b.created_at, b.modified_at, b.is_versioned, part.number * b.number AS number,
           CASE WHEN part.number = 0 THEN b.created_at ELSE b.at END AS at, CASE WHEN part.number = 1 THEN b.who END AS who,
           CASE WHEN part.number = 0 THEN coalesce(b.first_status, 'Open')
                WHEN b.field = 'status' THEN coalesce(b.becomes, 'Open') END AS status,
           CASE WHEN part.number = 0 THEN coalesce(b.first_stage, b.present_sales_stage)
                WHEN b.field = 'sales_stage' THEN coalesce(b.becomes, '(none)') END AS sales_stage
    FROM begun AS b
    CROSS JOIN (SELECT 0 AS number UNION ALL SELECT 1) AS part
    WHERE (part.number = 0 AND b.number = 1) OR (part.number = 1 AND b.field IS NOT NULL)
),
runs AS (
    SELECT l.deal, l.present, l.created_at, l.modified_at, l.is_versioned, l.number, l.at, l.who, l.status, l.sales_stage,
           count(l.status) OVER (PARTITION BY l.deal ORDER BY l.number) AS status_run,
           count(l.sales_stage) OVER (PARTITION BY l.deal ORDER BY l.number) AS stage_run
    FROM lines AS l
),
known AS (
    SELECT r.deal, r.present, r.created_at, r.modified_at, r.is_versioned, r.number, r.at, r.who,
           max(r.status) OVER (PARTITION BY r.deal, r.status_run) AS status,
           max(r.sales_stage) OVER (PARTITION BY r.deal, r.stage_run) AS sales_stage,
           lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.number) AS next_at
    FROM runs AS r
),
moments AS (
    SELECT k.deal, k.present, k.created_at, k.modified_at, k.is_versioned, k.number, k.at, k.who, k.next_at,
           CASE WHEN coalesce(stage_outcome(k.status), 'open') <> 'open' THEN concat('status:', k.status) ELSE k.sales_stage END AS stage_id
    FROM known AS k
),
kept AS (
    SELECT m.deal, m.present, m.modified_at, m.is_versioned, m.number, m.at, m.who, m.stage_id,
           lag(m.stage_id) OVER (PARTITION BY m.deal ORDER BY m.number) AS stage_before
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
),
steps AS (
    SELECT k.deal, k.present, k.modified_at, k.is_versioned, k.at, k.who, k.stage_id,
           row_number() OVER (PARTITION BY k.deal ORDER BY k.number) AS place, lead(k.number) OVER (PARTITION BY k.deal ORDER BY k.number) AS next_number
    FROM kept AS k
    WHERE k.stage_before IS NULL OR k.stage_before <> k.stage_id
),
-- 1 what is logged; 2 where that does not reach the present stage, it was reached at the last change of the row
parts AS (
    SELECT s.deal, part.number AS part, s.place, CASE WHEN part.number = 1 THEN s.stage_id ELSE s.present END AS stage_id,
           CASE WHEN part.number = 2 AND s.modified_at > s.at THEN s.modified_at ELSE s.at END AS at,
           CASE WHEN part.number = 1 AND s.place > 1 THEN s.who END AS changed_by,
           CASE WHEN part.number = 2 OR (s.place = 1 AND s.is_versioned = 0) THEN 1 ELSE 0 END AS is_rebuilt
    FROM steps AS s
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS part
    WHERE part.number = 1 OR (s.next_number IS NULL AND s.stage_id <> s.present)
),
meant AS (
    SELECT p.deal, p.part, p.place, p.stage_id, p.at, p.changed_by, p.is_rebuilt,
           CASE WHEN p.stage_id LIKE 'status:%' THEN coalesce(stage_outcome(substring(p.stage_id, 8)), 'open') ELSE 'open' END AS outcome,
           CASE WHEN p.stage_id LIKE 'status:%' THEN 1000 ELSE cast(mapped(p.stage_id, 'stage_position') AS integer) END AS position
    FROM parts AS p
)
SELECT r.deal, r.stage_id, r.at, r.changed_by, r.is_rebuilt, r.position, r.outcome,
       row_number() OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS seq,
       lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS left_at,
       lag(r.outcome) OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS outcome_before,
       lag(r.position) OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS position_before
FROM meant AS r
