-- Sales stages are open; a status that ends an opportunity is a stage of its own.
WITH logged AS (
    SELECT c.field AS field, CASE WHEN side.number = 1 THEN c.was ELSE c.becomes END AS name
    FROM changes AS c
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS side
    GROUP BY c.field, CASE WHEN side.number = 1 THEN c.was ELSE c.becomes END
),
told AS (
    SELECT 'sales_stage' AS field, s.name AS name FROM "Sales Stage" AS s
    UNION
    SELECT 'sales_stage', coalesce(nullif(trim(o.sales_stage), ''), '(none)') FROM "Opportunity" AS o
    UNION
    SELECT 'status', o.status FROM "Opportunity" AS o
    UNION
    SELECT l.field, CASE WHEN l.field = 'sales_stage' THEN coalesce(l.name, '(none)') ELSE l.name END FROM logged AS l
)
SELECT CASE WHEN t.field = 'status' THEN concat('status:', t.name) ELSE t.name END AS stage_id, t.name AS name,
       CASE WHEN t.field = 'status' THEN 1000 ELSE cast(mapped(t.name, 'stage_position') AS integer) END AS position,
       CASE WHEN t.field = 'status' THEN stage_outcome(t.name) ELSE 'open' END AS outcome
FROM told AS t
WHERE t.field = 'sales_stage' OR coalesce(stage_outcome(t.name), 'open') <> 'open'
