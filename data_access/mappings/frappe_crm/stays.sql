-- A line of the log is a stay: the status `from` since `from_date`. Of several within one moment the last counts, and
-- neighbours of one status are one stay. Leads keep their statuses in the same table.
WITH deals AS (
    SELECT d.name AS id, d.status AS stage_id, s.outcome AS outcome, to_utc(d.creation, setting('timezone')) AS created_at,
           to_utc(coalesce(d.modified, d.creation), setting('timezone')) AS modified_at,
           to_utc(coalesce(d.closed_date, d.close_date), setting('timezone')) AS closing_day
    FROM "CRM Deal" AS d
    JOIN stages AS s ON s.stage_id = d.status
),
lines AS (
    SELECT l.parent AS deal, l.idx AS idx, l."from" AS stage_id, l.log_owner AS log_owner,
           CASE WHEN c.is_utc = 1 THEN l.from_date ELSE to_utc(l.from_date, setting('timezone')) END AS at
    FROM "CRM Status Change Log" AS l
    CROSS JOIN log_clock AS c
    WHERE l.parenttype = 'CRM Deal' AND l."from" <> '' AND l.from_date IS NOT NULL
),
-- who ends a stay is written over who began it: a stay was begun by whom the line before names
placed AS (
    SELECT d.id AS deal, l.idx AS idx, lag(l.log_owner) OVER (PARTITION BY d.id ORDER BY l.idx) AS changed_by,
           CASE WHEN lead(l.idx) OVER (PARTITION BY d.id ORDER BY l.idx) IS NULL AND coalesce(s.is_listed, 0) = 0
                THEN d.stage_id ELSE l.stage_id END AS stage_id,
           CASE WHEN max(l.at) OVER (PARTITION BY d.id ORDER BY l.idx) < d.created_at THEN d.created_at
                ELSE max(l.at) OVER (PARTITION BY d.id ORDER BY l.idx) END AS at
    FROM lines AS l
    JOIN deals AS d ON d.id = l.deal
    LEFT JOIN stages AS s ON s.stage_id = l.stage_id
),
moments AS (
    SELECT p.deal, p.idx, p.stage_id, p.at, p.changed_by, lead(p.at) OVER (PARTITION BY p.deal ORDER BY p.idx) AS next_at
    FROM placed AS p
),
told AS (
    SELECT m.deal, m.idx, m.stage_id, m.at, m.changed_by,
           lag(m.stage_id) OVER (PARTITION BY m.deal ORDER BY m.idx) AS stage_before
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
),
steps AS (
    SELECT t.deal, t.stage_id, t.at, t.changed_by, row_number() OVER (PARTITION BY t.deal ORDER BY t.idx) AS place,
           lead(t.at) OVER (PARTITION BY t.deal ORDER BY t.idx) AS next_at
    FROM told AS t
    WHERE t.stage_before IS NULL OR t.stage_before <> t.stage_id
),
rebuilt AS (
    -- a log that began later than its deal tells by its first line only where the deal stood then
    SELECT s.deal, s.stage_id, CASE WHEN s.place = 1 THEN d.created_at ELSE s.at END AS at, s.changed_by, s.place AS turn,
           CASE WHEN s.place = 1 AND epoch(s.at) - epoch(d.created_at) > 60 THEN 1 ELSE 0 END AS is_rebuilt
    FROM steps AS s
    JOIN deals AS d ON d.id = s.deal
    UNION ALL
    -- no log at all
    SELECT d.id, CASE WHEN d.outcome = 'open' THEN d.stage_id END, d.created_at, NULL, 1, 1
    FROM deals AS d
    LEFT JOIN steps AS s ON s.deal = d.id AND s.place = 1
    WHERE s.deal IS NULL
    UNION ALL
    -- not logged to its end, or not at all: closed on its day, as far as that lies within the life of its row
    SELECT d.id, d.stage_id,
           CASE WHEN d.outcome <> 'open' AND d.closing_day <= coalesce(s.at, d.created_at) THEN coalesce(s.at, d.created_at)
                WHEN d.outcome <> 'open' AND d.closing_day < d.modified_at THEN d.closing_day
                WHEN d.modified_at > coalesce(s.at, d.created_at) THEN d.modified_at
                ELSE coalesce(s.at, d.created_at) END, NULL, 9999, 1
    FROM deals AS d
    LEFT JOIN steps AS s ON s.deal = d.id AND s.next_at IS NULL
    WHERE (s.deal IS NULL AND d.outcome <> 'open') OR s.stage_id <> d.stage_id
)
SELECT r.deal, r.stage_id, r.at, r.changed_by, r.is_rebuilt, g.position, coalesce(g.outcome, 'open') AS outcome,
       row_number() OVER (PARTITION BY r.deal ORDER BY r.turn) AS seq,
       lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.turn) AS left_at,
       lag(coalesce(g.outcome, 'open')) OVER (PARTITION BY r.deal ORDER BY r.turn) AS outcome_before,
       lag(g.position) OVER (PARTITION BY r.deal ORDER BY r.turn) AS position_before
FROM rebuilt AS r
LEFT JOIN stages AS g ON g.stage_id = r.stage_id
