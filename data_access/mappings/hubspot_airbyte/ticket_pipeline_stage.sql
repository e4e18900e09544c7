SELECT p.pipeline_id AS pipeline_id, coalesce(json_text(item.value, '$.stageId'), json_text(item.value, '$.id')) AS stage_id,
       json_text(item.value, '$.label') AS label, bool(json_text(item.value, '$.metadata.isClosed')) AS is_closed,
       json_text(item.value, '$.metadata.ticketState') AS ticket_state
FROM ticket_pipelines AS p
CROSS JOIN json_rows(p.stages) AS item
