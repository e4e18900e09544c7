-- Stages are a list in the metadata: those in use and in the stream are listed.
WITH named AS (
    SELECT coalesce(nullif(trim(o.stage), ''), '(none)') AS stage_id FROM opportunity AS o WHERE NOT o.deleted
    UNION
    SELECT m.was FROM moves AS m
    UNION
    SELECT m.becomes FROM moves AS m
)
SELECT n.stage_id AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, n.stage_id AS name,
       coalesce(cast(mapped(n.stage_id, 'stage_position') AS integer), 60) AS position, stage_outcome(n.stage_id) AS outcome
FROM named AS n
WHERE n.stage_id IS NOT NULL
