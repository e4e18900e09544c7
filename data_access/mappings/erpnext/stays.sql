-- A deal's stage is its sales stage, or the status that ended it: both are followed through what is logged of either.
WITH deals AS (
    SELECT o.name AS id, coalesce(nullif(trim(o.sales_stage), ''), '(none)') AS sales_stage,
           CASE WHEN coalesce(stage_outcome(o.status), 'open') <> 'open' THEN concat('status:', o.status)
                ELSE coalesce(nullif(trim(o.sales_stage), ''), '(none)') END AS stage_id,
           to_utc(o.creation, setting('timezone')) AS created_at, to_utc(coalesce(o.modified, o.creation), setting('timezone')) AS modified_at
    FROM "Opportunity" AS o
),
told AS (
    SELECT c.deal, c.tie, c.who, c.is_version, CASE WHEN c.field = 'status' THEN 1 ELSE 0 END AS is_status, c.was, c.becomes,
           CASE WHEN to_utc(c.logged_on, setting('timezone')) < d.created_at THEN d.created_at
                ELSE to_utc(c.logged_on, setting('timezone')) END AS at,
           row_number() OVER (PARTITION BY c.deal, c.field ORDER BY c.logged_on, c.tie) AS place
    FROM changes AS c
    JOIN deals AS d ON d.id = c.deal
),
-- how a deal began: with what the first change left, else with its present sales stage; labels do not tell sales stages
started AS (
    SELECT d.id, d.created_at, max(CASE WHEN t.is_status = 1 THEN t.was END) AS status,
           coalesce(max(CASE WHEN t.is_status = 0 THEN coalesce(t.was, '(none)') END), max(d.sales_stage)) AS sales_stage,
           CASE WHEN max(t.is_version) = 1 THEN 0 ELSE 1 END AS is_unlogged
    FROM deals AS d
    LEFT JOIN told AS t ON t.deal = d.id AND t.place = 1
    GROUP BY d.id, d.created_at
),
lines AS (
    SELECT s.id AS deal, 0 AS part, s.created_at AS at, '' AS tie, coalesce(s.status, 'Open') AS status, s.sales_stage AS sales_stage,
           NULL AS who
    FROM started AS s
    UNION ALL
    SELECT t.deal, 1, t.at, t.tie, CASE WHEN t.is_status = 1 THEN coalesce(t.becomes, 'Open') END,
           CASE WHEN t.is_status = 0 THEN coalesce(t.becomes, '(none)') END, t.who
    FROM told AS t
),
runs AS (
    SELECT l.deal, l.part, l.at, l.tie, l.status, l.sales_stage, l.who,
           count(l.status) OVER (PARTITION BY l.deal ORDER BY l.part, l.at, l.tie) AS status_run,
           count(l.sales_stage) OVER (PARTITION BY l.deal ORDER BY l.part, l.at, l.tie) AS stage_run
    FROM lines AS l
),
known AS (
    SELECT r.deal, r.at, r.who, row_number() OVER (PARTITION BY r.deal ORDER BY r.part, r.at, r.tie, r.stage_run, r.status_run) AS number,
           max(r.status) OVER (PARTITION BY r.deal, r.status_run) AS status,
           max(r.sales_stage) OVER (PARTITION BY r.deal, r.stage_run) AS sales_stage
    FROM runs AS r
),
moments AS (
    SELECT k.deal, k.at, k.who, k.number, lead(k.at) OVER (PARTITION BY k.deal ORDER BY k.number) AS next_at,
           CASE WHEN coalesce(stage_outcome(k.status), 'open') <> 'open' THEN concat('status:', k.status) ELSE k.sales_stage END AS stage_id
    FROM known AS k
),
kept AS (
    SELECT m.deal, m.at, m.who, m.number, m.stage_id, lag(m.stage_id) OVER (PARTITION BY m.deal ORDER BY m.number) AS stage_before
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
),
steps AS (
    SELECT k.deal, k.at, k.who, k.stage_id, row_number() OVER (PARTITION BY k.deal ORDER BY k.number) AS place,
           lead(k.at) OVER (PARTITION BY k.deal ORDER BY k.number) AS next_at
    FROM kept AS k
    WHERE k.stage_before IS NULL OR k.stage_before <> k.stage_id
),
rebuilt AS (
    SELECT s.deal, s.stage_id, s.at, CASE WHEN s.place > 1 THEN s.who END AS changed_by, s.place AS turn,
           CASE WHEN s.place = 1 THEN b.is_unlogged ELSE 0 END AS is_rebuilt
    FROM steps AS s
    JOIN started AS b ON b.id = s.deal
    UNION ALL
    -- the log does not reach the present stage: it was reached at the last change of the row
    SELECT d.id, d.stage_id, CASE WHEN d.modified_at > s.at THEN d.modified_at ELSE s.at END, NULL, 9999, 1
    FROM deals AS d
    JOIN steps AS s ON s.deal = d.id AND s.next_at IS NULL
    WHERE s.stage_id <> d.stage_id
)
SELECT r.deal, r.stage_id, r.at, r.changed_by, r.is_rebuilt, g.position, coalesce(g.outcome, 'open') AS outcome,
       row_number() OVER (PARTITION BY r.deal ORDER BY r.turn) AS seq,
       lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.turn) AS left_at,
       lag(coalesce(g.outcome, 'open')) OVER (PARTITION BY r.deal ORDER BY r.turn) AS outcome_before,
       lag(g.position) OVER (PARTITION BY r.deal ORDER BY r.turn) AS position_before
FROM rebuilt AS r
LEFT JOIN stages AS g ON g.stage_id = r.stage_id
