-- The timeline of a deal keeps what was changed, before and after. Changes of ten minutes are one entry, dated by the first of
-- them, and may end where they began.
WITH told AS (
    SELECT text(t."targetOpportunityId") AS deal, t."happensAt" AS at, text(t.id) AS tie, text(t."workspaceMemberId") AS changed_by,
           nullif(json_text(t.properties, '$.diff.stage.before'), '') AS was,
           nullif(json_text(t.properties, '$.diff.stage.after'), '') AS becomes
    FROM "timelineActivity" AS t
    WHERE t.name = 'opportunity.updated' AND t."deletedAt" IS NULL AND t."targetOpportunityId" IS NOT NULL
),
moves AS (
    SELECT d.id AS deal, t.was, t.becomes, t.changed_by, d.created_at,
           CASE WHEN t.at < d.created_at THEN d.created_at ELSE t.at END AS at,
           row_number() OVER (PARTITION BY d.id ORDER BY t.at, t.tie) AS place
    FROM told AS t
    JOIN deals AS d ON d.id = t.deal
    WHERE t.becomes IS NOT NULL
),
lines AS (
    SELECT m.deal, 0 AS place, m.was AS stage_id, m.created_at AS at, NULL AS changed_by FROM moves AS m WHERE m.place = 1
    UNION ALL
    SELECT m.deal, m.place, m.becomes, m.at, m.changed_by FROM moves AS m
),
moments AS (
    SELECT l.deal, l.place, l.stage_id, l.at, l.changed_by, lead(l.at) OVER (PARTITION BY l.deal ORDER BY l.place) AS next_at
    FROM lines AS l
),
kept AS (
    SELECT m.deal, m.place, m.stage_id, m.at, m.changed_by, lag(m.stage_id) OVER (PARTITION BY m.deal ORDER BY m.place) AS stage_before,
           row_number() OVER (PARTITION BY m.deal ORDER BY m.place) AS number
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
),
steps AS (
    SELECT k.deal, k.place, k.stage_id, k.at, k.changed_by, lead(k.at) OVER (PARTITION BY k.deal ORDER BY k.place) AS next_at
    FROM kept AS k
    WHERE k.number = 1 OR k.stage_before IS NULL OR k.stage_before <> k.stage_id
),
rebuilt AS (
    SELECT s.deal, s.stage_id, s.at, s.changed_by, s.place AS turn, 0 AS is_rebuilt FROM steps AS s
    UNION ALL
    -- no entry at all
    SELECT d.id, CASE WHEN d.outcome = 'open' THEN d.stage_id END, d.created_at, NULL, 0, 1
    FROM deals AS d
    LEFT JOIN moves AS m ON m.deal = d.id AND m.place = 1
    WHERE m.deal IS NULL
    UNION ALL
    -- not told to its end, or not at all: closed on its day, as far as that lies within the life of its row
    SELECT d.id, d.stage_id,
           CASE WHEN d.outcome <> 'open' AND d.closing_day <= coalesce(s.at, d.created_at) THEN coalesce(s.at, d.created_at)
                WHEN d.outcome <> 'open' AND d.closing_day < d.modified_at THEN d.closing_day
                WHEN d.modified_at > coalesce(s.at, d.created_at) THEN d.modified_at
                ELSE coalesce(s.at, d.created_at) END, NULL, 99999, 1
    FROM deals AS d
    LEFT JOIN steps AS s ON s.deal = d.id AND s.next_at IS NULL
    WHERE (s.deal IS NULL AND d.outcome <> 'open') OR s.stage_id <> d.stage_id
),
meant AS (
    SELECT r.deal, r.stage_id, r.at, r.changed_by, r.turn, r.is_rebuilt, coalesce(stage_outcome(r.stage_id), 'open') AS outcome,
           cast(mapped(r.stage_id, 'stage_position') AS integer) AS position
    FROM rebuilt AS r
)
SELECT e.deal, e.stage_id, e.at, e.changed_by, e.is_rebuilt, e.outcome, e.position,
       row_number() OVER (PARTITION BY e.deal ORDER BY e.turn) AS seq, lead(e.at) OVER (PARTITION BY e.deal ORDER BY e.turn) AS left_at,
       lag(e.outcome) OVER (PARTITION BY e.deal ORDER BY e.turn) AS outcome_before,
       lag(e.position) OVER (PARTITION BY e.deal ORDER BY e.turn) AS position_before
FROM meant AS e
