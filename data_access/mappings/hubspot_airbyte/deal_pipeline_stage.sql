-- Stages lie in their pipeline as JSON. A closed stage is won at a probability of 1.
SELECT coalesce(json_text(item.value, '$.stageId'), json_text(item.value, '$.id')) AS stage_id, p.pipeline_id AS pipeline_id,
       json_text(item.value, '$.label') AS label, number(json_text(item.value, '$.metadata.probability')) AS probability,
       whole(json_text(item.value, '$.displayOrder')) AS display_order, bool(json_text(item.value, '$.metadata.isClosed')) AS is_closed,
       bool(json_text(item.value, '$.metadata.isClosed')) AND number(json_text(item.value, '$.metadata.probability')) >= 1 AS closed_won
FROM deal_pipelines AS p
CROSS JOIN json_rows(p.stages) AS item
