-- Every stage that the organisation defines or a deal is in; where the definition is not synced, the flags of the deals
-- tell what a stage means.
WITH defined AS (
    SELECT coalesce(s.api_name, s.master_label) AS stage_name, MIN(s.master_label) AS label, MIN(s.sort_order) AS place,
           MAX(s.default_probability) AS probability,
           MAX(CASE WHEN s.is_won THEN 2 WHEN s.is_closed THEN 1 ELSE 0 END) AS closing
    FROM opportunity_stage AS s
    WHERE NOT coalesce(s._fivetran_deleted, FALSE) AND coalesce(s.api_name, s.master_label) IS NOT NULL
    GROUP BY coalesce(s.api_name, s.master_label)
), used AS (
    SELECT o.stage_name AS stage_name, MAX(o.probability) AS probability,
           MAX(CASE WHEN o.is_won THEN 2 WHEN o.is_closed THEN 1 ELSE 0 END) AS closing
    FROM opportunity AS o
    WHERE o.stage_name IS NOT NULL
    GROUP BY o.stage_name
), logged AS (
    SELECT h.stage_name AS stage_name FROM opportunity_history AS h WHERE h.stage_name IS NOT NULL
    UNION
    SELECT f.new_value AS stage_name FROM opportunity_field_history AS f WHERE f.field = 'StageName' AND f.new_value IS NOT NULL
    UNION
    SELECT f.old_value AS stage_name FROM opportunity_field_history AS f WHERE f.field = 'StageName' AND f.old_value IS NOT NULL
), every AS (
    SELECT d.stage_name AS stage_name, d.label AS label, d.place AS place, d.probability AS probability, d.closing AS closing
    FROM defined AS d
    UNION ALL
    SELECT u.stage_name AS stage_name, u.stage_name AS label, NULL AS place, u.probability AS probability, u.closing AS closing
    FROM used AS u LEFT JOIN defined AS d ON d.stage_name = u.stage_name
    WHERE d.stage_name IS NULL
    UNION ALL
    SELECT l.stage_name AS stage_name, l.stage_name AS label, NULL AS place, NULL AS probability, 0 AS closing
    FROM logged AS l
    LEFT JOIN defined AS d ON d.stage_name = l.stage_name
    LEFT JOIN used AS u ON u.stage_name = l.stage_name
    WHERE d.stage_name IS NULL AND u.stage_name IS NULL
)
SELECT e.stage_name AS stage_name, e.label AS label,
       CASE e.closing WHEN 2 THEN 'won' WHEN 1 THEN 'lost' ELSE 'open' END AS outcome,
       CASE WHEN e.probability BETWEEN 0 AND 100 THEN e.probability / 100.0 END AS probability,
       row_number() OVER (ORDER BY CASE WHEN e.place IS NULL THEN 1 ELSE 0 END, e.place,
                          CASE WHEN e.closing = 0 THEN 0 ELSE 1 END, e.probability, e.stage_name) AS position
FROM every AS e
