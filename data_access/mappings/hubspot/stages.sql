-- The stages that are defined, deleted ones too because history names them, and those that a deal is or was in.
WITH named AS (
    SELECT d.stage_id AS stage_id, d.pipeline_id AS pipeline_id FROM deals AS d
    UNION
    SELECT s.value AS stage_id, NULL AS pipeline_id FROM deal_stage AS s
    UNION
    SELECT h.value AS stage_id, NULL AS pipeline_id FROM deal_property_history AS h WHERE h.name = 'dealstage'
), others AS (
    SELECT n.stage_id AS stage_id, MIN(n.pipeline_id) AS pipeline_id
    FROM named AS n LEFT JOIN deal_pipeline_stage AS g ON g.stage_id = n.stage_id
    WHERE g.stage_id IS NULL AND n.stage_id IS NOT NULL
    GROUP BY n.stage_id
)
SELECT g.stage_id AS stage_id, g.pipeline_id AS pipeline_id, coalesce(g.label, g.stage_id) AS name,
       coalesce(g.display_order, 0) AS position, CASE WHEN g.probability BETWEEN 0 AND 1 THEN g.probability END AS probability,
       CASE WHEN g.closed_won THEN 'won' WHEN g.is_closed THEN 'lost' ELSE 'open' END AS outcome
FROM deal_pipeline_stage AS g
UNION ALL
SELECT o.stage_id AS stage_id, o.pipeline_id AS pipeline_id, o.stage_id AS name, 999 AS position, NULL AS probability,
       'open' AS outcome
FROM others AS o
