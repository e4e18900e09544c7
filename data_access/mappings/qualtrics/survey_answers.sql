-- The question of an NPS survey has a second variant that holds the group (1 to 3): no answer on the scale. Other questions
-- of an NPS survey keep their text.
SELECT a.response_id AS response_id, concat(a.question_id, CASE WHEN a.sub_question_key IS NOT NULL THEN '_' END, a.sub_question_key) AS item_key,
       MIN(mapped(q.data_export_tag, 'servqual_dimension')) AS dimension,
       MAX(CASE WHEN (s.kind = 'nps' AND upper(q.selector) <> 'NPS') OR (s.kind <> 'nps' AND q.id IS NOT NULL AND x.id IS NULL) THEN NULL
                WHEN a.value BETWEEN s.scale_min AND s.scale_max THEN a.value END) AS score,
       MAX(CASE WHEN (s.kind = 'nps' AND upper(q.selector) <> 'NPS') OR (s.kind <> 'nps' AND q.id IS NOT NULL AND x.id IS NULL) THEN NULL
                WHEN a.value BETWEEN s.scale_min AND s.scale_max THEN (a.value - s.scale_min) / (s.scale_max - s.scale_min) END) AS score_0_1,
       MAX(a.text) AS text
FROM question_response AS a
JOIN kept AS r ON r.id = a.response_id
JOIN scales AS s ON s.survey_id = r.survey_id
LEFT JOIN question AS q ON q.id = a.question_id AND q.survey_id = r.survey_id
LEFT JOIN scored AS x ON x.id = q.id AND x.survey_id = q.survey_id
WHERE a.question_id IS NOT NULL AND upper(a.question_id) NOT LIKE '%NPS_GROUP'
  AND upper(coalesce(a.sub_question_key, '')) NOT LIKE '%NPS_GROUP'
GROUP BY a.response_id, a.question_id, a.sub_question_key
