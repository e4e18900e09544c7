WITH named AS (
    SELECT trim(s.sales_stage) AS stage_id FROM vtiger_sales_stage AS s
    UNION
    SELECT coalesce(nullif(trim(p.sales_stage), ''), '(none)') FROM vtiger_potential AS p
    UNION
    SELECT trim(h.stage) FROM vtiger_potstagehistory AS h WHERE h.stage <> ''
)
SELECT n.stage_id AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, n.stage_id AS name,
       coalesce(list.place, 1000) AS position, stage_outcome(n.stage_id) AS outcome
FROM named AS n
LEFT JOIN (SELECT trim(s.sales_stage) AS stage_id, min(s.sortorderid) AS place
           FROM vtiger_sales_stage AS s GROUP BY trim(s.sales_stage)) AS list ON list.stage_id = n.stage_id
