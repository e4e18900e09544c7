-- The statuses that are defined, and those that only the log still names: it keeps the words of a status that was renamed.
WITH logged AS (
    SELECT l."from" AS stage_id, max(l.from_type) AS type
    FROM "CRM Status Change Log" AS l
    WHERE l.parenttype = 'CRM Deal' AND l."from" <> ''
    GROUP BY l."from"
),
named AS (
    SELECT s.name AS stage_id, s.position AS position, s.probability / 100 AS probability, s.type AS type, 1 AS is_listed
    FROM "CRM Deal Status" AS s
    UNION ALL
    SELECT l.stage_id, 1000, NULL, l.type, 0
    FROM logged AS l
    WHERE NOT EXISTS (SELECT 1 FROM "CRM Deal Status" AS s WHERE s.name = l.stage_id)
)
SELECT n.stage_id, n.position, n.is_listed, CASE WHEN n.probability BETWEEN 0 AND 1 THEN n.probability END AS probability,
       CASE WHEN stage_outcome(n.stage_id) = 'void' THEN 'void'
            WHEN n.type = 'Won' THEN 'won'
            WHEN n.type = 'Lost' THEN 'lost'
            WHEN n.type <> '' THEN 'open'
            ELSE coalesce(stage_outcome(n.stage_id), 'open') END AS outcome
FROM named AS n
