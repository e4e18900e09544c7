SELECT p.pipeline_id AS pipeline_id, p.label AS label FROM deal_pipelines AS p
