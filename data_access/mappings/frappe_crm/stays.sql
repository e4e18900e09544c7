-- A line of the log is a stay: the status `from` since `from_date`. Of several within one moment the last counts, and
-- neighbours of one status are one stay. Leads keep their statuses in the same table. Deals and lines meet once, and what a
-- deal is goes along with its lines: a table that is asked for twice is made twice.
WITH lines AS (
    SELECT l.parent AS deal, l.idx AS idx, l."from" AS stage_id, l.log_owner AS log_owner, s.is_listed AS is_listed,
           CASE WHEN c.is_utc = 1 THEN l.from_date ELSE to_utc(l.from_date, setting('timezone')) END AS at,
           row_number() OVER (PARTITION BY l.parent ORDER BY l.idx DESC) AS from_last
    FROM "CRM Status Change Log" AS l
    CROSS JOIN log_clock AS c
    LEFT JOIN stages AS s ON s.stage_id = l."from"
    WHERE l.parenttype = 'CRM Deal' AND l."from" <> '' AND l.from_date IS NOT NULL
),
deals AS (
    SELECT d.name AS id, d.status AS stage_id, s.outcome AS outcome, to_utc(d.creation, setting('timezone')) AS created_at,
           to_utc(coalesce(d.modified, d.creation), setting('timezone')) AS modified_at,
           to_utc(coalesce(d.closed_date, d.close_date), setting('timezone')) AS closing_day
    FROM "CRM Deal" AS d
    JOIN stages AS s ON s.stage_id = d.status
),
-- who ends a stay is written over who began it: a stay was begun by whom the line before names
placed AS (
    SELECT d.id AS deal, d.stage_id AS present, d.outcome AS outcome, d.created_at AS created_at, d.modified_at AS modified_at,
           d.closing_day AS closing_day, l.idx AS idx, lag(l.log_owner) OVER (PARTITION BY d.id ORDER BY l.idx) AS changed_by,
           CASE WHEN l.from_last = 1 AND coalesce(l.is_listed, 0) = 0 THEN d.stage_id ELSE l.stage_id END AS stage_id,
           max(CASE WHEN l.at < d.created_at THEN d.created_at ELSE l.at END) OVER (PARTITION BY d.id ORDER BY l.idx) AS at
    FROM deals AS d
    LEFT JOIN lines AS l ON l.deal = d.id
),
moments AS (
    SELECT p.deal, p.present, p.outcome, p.created_at, p.modified_at, p.closing_day, p.idx, p.changed_by, p.stage_id, p.at,
           lead(p.at) OVER (PARTITION BY p.deal ORDER BY p.idx) AS next_at
    FROM placed AS p
),
told AS (
    SELECT m.deal, m.present, m.outcome, m.created_at, m.modified_at, m.closing_day, m.idx, m.changed_by, m.stage_id, m.at,
           lag(m.stage_id) OVER (PARTITION BY m.deal ORDER BY m.idx) AS stage_before
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
),
steps AS (
    SELECT t.deal, t.present, t.outcome, t.created_at, t.modified_at, t.closing_day, t.idx, t.changed_by, t.stage_id, t.at,
           row_number() OVER (PARTITION BY t.deal ORDER BY t.idx) AS place,
           lead(t.idx) OVER (PARTITION BY t.deal ORDER BY t.idx) AS next_idx
    FROM told AS t
    WHERE t.stage_before IS NULL OR t.stage_before <> t.stage_id
),
-- 1 a deal without a log, 2 what the log tells, 3 how a deal came to its present status where the log does not reach it: closed
-- on its day, as far as that lies within the life of its row
parts AS (
    SELECT s.deal, part.number AS part, s.place, CASE WHEN part.number = 2 THEN s.changed_by END AS changed_by,
           CASE WHEN part.number = 2 THEN s.stage_id
                WHEN part.number = 3 OR s.outcome = 'open' THEN s.present END AS stage_id,
           CASE WHEN part.number = 1 OR (part.number = 2 AND s.place = 1) THEN s.created_at
                WHEN part.number = 2 THEN s.at
                WHEN s.outcome <> 'open' AND s.closing_day <= coalesce(s.at, s.created_at) THEN coalesce(s.at, s.created_at)
                WHEN s.outcome <> 'open' AND s.closing_day < s.modified_at THEN s.closing_day
                WHEN s.modified_at > coalesce(s.at, s.created_at) THEN s.modified_at
                ELSE coalesce(s.at, s.created_at) END AS at,
           -- a log that began later than its deal tells by its first line only where the deal stood then
           CASE WHEN part.number <> 2 OR (s.place = 1 AND epoch(s.at) - epoch(s.created_at) > 60) THEN 1 ELSE 0 END AS is_rebuilt
    FROM steps AS s
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2 UNION ALL SELECT 3) AS part
    WHERE (part.number = 1 AND s.idx IS NULL)
       OR (part.number = 2 AND s.idx IS NOT NULL)
       OR (part.number = 3 AND s.idx IS NULL AND s.outcome <> 'open')
       OR (part.number = 3 AND s.idx IS NOT NULL AND s.next_idx IS NULL AND s.stage_id <> s.present)
)
SELECT r.deal, r.stage_id, r.at, r.changed_by, r.is_rebuilt, g.position, coalesce(g.outcome, 'open') AS outcome,
       row_number() OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS seq,
       lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS left_at,
       lag(coalesce(g.outcome, 'open')) OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS outcome_before,
       lag(g.position) OVER (PARTITION BY r.deal ORDER BY r.part, r.place) AS position_before
FROM parts AS r
LEFT JOIN stages AS g ON g.stage_id = r.stage_id
