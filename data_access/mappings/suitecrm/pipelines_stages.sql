-- Stages stand in the application's language files, not in a table: those in use and in the log are listed, and what they
-- mean is said in [stage_outcomes]. A stage without a place of its own is placed by the probability that its deals have.
WITH named AS (
    SELECT coalesce(nullif(trim(o.sales_stage), ''), '(none)') AS stage_id, avg(o.probability) AS probability
    FROM opportunities AS o
    WHERE o.deleted = 0
    GROUP BY coalesce(nullif(trim(o.sales_stage), ''), '(none)')
    UNION ALL
    SELECT DISTINCT nullif(trim(substring(a.after_value_string, 1, 100)), ''), NULL
    FROM opportunities_audit AS a
    WHERE a.field_name = 'sales_stage'
    UNION ALL
    SELECT DISTINCT nullif(trim(substring(a.before_value_string, 1, 100)), ''), NULL
    FROM opportunities_audit AS a
    WHERE a.field_name = 'sales_stage'
),
stages AS (
    SELECT n.stage_id, max(n.probability) AS probability FROM named AS n GROUP BY n.stage_id
)
SELECT s.stage_id AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, s.stage_id AS name,
       coalesce(cast(mapped(s.stage_id, 'stage_position') AS integer),
                CASE stage_outcome(s.stage_id) WHEN 'won' THEN 1000 WHEN 'lost' THEN 1010 WHEN 'void' THEN 1020
                     ELSE round(coalesce(s.probability, 0) * 10) END) AS position,
       coalesce(cast(mapped(s.stage_id, 'stage_probability') AS double), s.probability) / 100 AS probability,
       stage_outcome(s.stage_id) AS outcome
FROM stages AS s
