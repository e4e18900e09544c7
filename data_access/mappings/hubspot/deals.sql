-- One row per deal. Those that were merged into another one are marked as deleted. The stage tells the outcome.
SELECT d.deal_id AS id, coalesce(d.deal_pipeline_stage_id, 'unknown') AS stage_id, coalesce(d.deal_pipeline_id, 'default') AS pipeline_id, d.property_createdate AS created_date,
       CASE WHEN s.closed_won THEN 'won' WHEN s.is_closed THEN 'lost' ELSE 'open' END AS outcome,
       coalesce(d.is_deleted, FALSE) OR coalesce(d._fivetran_deleted, FALSE)
           OR EXISTS (SELECT 1 FROM merged_deal AS m WHERE m.merged_deal_id = d.deal_id AND m.deal_id <> d.deal_id) AS is_deleted,
       -- When it closed, if no log says so: the close date, not before the deal was opened nor after it was last written.
       CASE WHEN NOT coalesce(s.is_closed, s.closed_won, FALSE) THEN NULL
            WHEN d.property_closedate > d.property_hs_lastmodifieddate THEN d.property_hs_lastmodifieddate
            WHEN d.property_closedate > d.property_createdate THEN d.property_closedate
            ELSE d.property_createdate END AS closed_about
FROM deal AS d
LEFT JOIN deal_pipeline_stage AS s ON s.stage_id = d.deal_pipeline_stage_id
