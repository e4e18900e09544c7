-- As `hubspot` has it, with the merged deals joined: made of JSON, they would be made again for every deal.
SELECT d.deal_id AS id, coalesce(d.deal_pipeline_stage_id, 'unknown') AS stage_id, coalesce(d.deal_pipeline_id, 'default') AS pipeline_id,
       d.property_createdate AS created_date,
       CASE WHEN s.closed_won THEN 'won' WHEN s.is_closed THEN 'lost' ELSE 'open' END AS outcome,
       d.is_deleted OR merged.id IS NOT NULL AS is_deleted,
       CASE WHEN NOT coalesce(s.is_closed, s.closed_won, FALSE) THEN NULL
            WHEN d.property_closedate > d.property_hs_lastmodifieddate THEN d.property_hs_lastmodifieddate
            WHEN d.property_closedate > d.property_createdate THEN d.property_closedate
            ELSE d.property_createdate END AS closed_about
FROM deal AS d
LEFT JOIN deal_pipeline_stage AS s ON s.stage_id = d.deal_pipeline_stage_id
LEFT JOIN (SELECT m.merged_deal_id AS id FROM merged_deal AS m WHERE m.merged_deal_id <> m.deal_id GROUP BY m.merged_deal_id) AS merged
       ON merged.id = d.deal_id
