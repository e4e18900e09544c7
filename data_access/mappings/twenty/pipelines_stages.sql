-- The list of stages lies outside the workspace's own tables: those in use and in the timeline are listed.
WITH named AS (
    SELECT d.stage_id AS stage_id FROM deals AS d
    UNION
    SELECT s.stage_id FROM stays AS s
)
SELECT n.stage_id AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, n.stage_id AS name,
       cast(mapped(n.stage_id, 'stage_position') AS integer) AS position, stage_outcome(n.stage_id) AS outcome
FROM named AS n
WHERE n.stage_id IS NOT NULL
