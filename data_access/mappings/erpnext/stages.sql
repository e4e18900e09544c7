-- Sales stages are open; a status that ends an opportunity is a stage of its own.
WITH named AS (
    SELECT s.name AS name FROM "Sales Stage" AS s
    UNION
    SELECT coalesce(nullif(trim(o.sales_stage), ''), '(none)') FROM "Opportunity" AS o
    UNION
    SELECT coalesce(c.was, '(none)') FROM changes AS c WHERE c.field = 'sales_stage'
    UNION
    SELECT coalesce(c.becomes, '(none)') FROM changes AS c WHERE c.field = 'sales_stage'
),
ended AS (
    SELECT o.status AS name FROM "Opportunity" AS o WHERE coalesce(stage_outcome(o.status), 'open') <> 'open'
    UNION
    SELECT c.becomes FROM changes AS c WHERE c.field = 'status' AND coalesce(stage_outcome(c.becomes), 'open') <> 'open'
    UNION
    SELECT c.was FROM changes AS c WHERE c.field = 'status' AND coalesce(stage_outcome(c.was), 'open') <> 'open'
)
SELECT n.name AS stage_id, n.name AS name, cast(mapped(n.name, 'stage_position') AS integer) AS position, 'open' AS outcome FROM named AS n
UNION ALL
SELECT concat('status:', e.name), e.name, 1000, stage_outcome(e.name) FROM ended AS e
