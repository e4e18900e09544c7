-- What a survey measures and on which scale. A Net Promoter question goes from 0 to 10 and makes the survey one.
WITH questions AS (
    SELECT q.survey_id AS survey_id, MAX(CASE WHEN upper(q.selector) = 'NPS' THEN 1 ELSE 0 END) AS has_nps
    FROM question AS q
    WHERE NOT coalesce(q._fivetran_deleted, FALSE)
    GROUP BY q.survey_id
), options AS (
    SELECT o.survey_id AS survey_id, MIN(o.recode_value) AS lowest, MAX(o.recode_value) AS highest
    FROM question_option AS o
    JOIN question AS q ON q.id = o.question_id AND q.survey_id = o.survey_id AND q.question_type IN ('MC', 'Matrix')
    JOIN scored AS x ON x.id = q.id AND x.survey_id = q.survey_id
    WHERE NOT coalesce(o._fivetran_deleted, FALSE)
    GROUP BY o.survey_id
), named AS (
    SELECT s.id AS id, s.name AS name, s.last_activated AS last_activated FROM survey AS s
    UNION ALL
    SELECT DISTINCT r.survey_id AS id, r.survey_id AS name, CAST(NULL AS TIMESTAMP) AS last_activated
    FROM survey_response AS r
    WHERE r.survey_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM survey AS s WHERE s.id = r.survey_id)
)
SELECT s.id AS survey_id, coalesce(s.name, s.id) AS name, s.last_activated AS asked_at,
       CASE WHEN q.has_nps = 1 THEN 'nps' ELSE coalesce(mapped(s.name, 'survey_kind'), 'custom') END AS kind,
       CASE WHEN q.has_nps = 1 THEN 0 ELSE coalesce(o.lowest, 1) END AS scale_min,
       CASE WHEN q.has_nps = 1 THEN 10 WHEN o.highest > o.lowest THEN o.highest ELSE coalesce(o.lowest, 1) + 4 END AS scale_max
FROM named AS s
LEFT JOIN questions AS q ON q.survey_id = s.id
LEFT JOIN options AS o ON o.survey_id = s.id
