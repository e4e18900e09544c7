-- The questions that are answered on a scale: those that the company names, else all; never those with several answers to tick.
WITH named AS (
    SELECT q.survey_id AS survey_id, COUNT(*) AS n
    FROM question AS q
    WHERE mapped(q.data_export_tag, 'scale_question') = 'yes' AND NOT coalesce(q._fivetran_deleted, FALSE)
    GROUP BY q.survey_id
)
SELECT q.id AS id, q.survey_id AS survey_id
FROM question AS q
LEFT JOIN named AS n ON n.survey_id = q.survey_id
WHERE upper(coalesce(q.selector, '')) NOT IN ('MAVR', 'MAHR', 'MACOL', 'MSB', 'MULTIPLEANSWER')
  AND upper(coalesce(q.sub_selector, '')) <> 'MULTIPLEANSWER'
  AND (n.survey_id IS NULL OR mapped(q.data_export_tag, 'scale_question') = 'yes')
