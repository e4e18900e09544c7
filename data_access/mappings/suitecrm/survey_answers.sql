-- Stars are 1 to 5, scales 1 to 10, NPS 0 to 10. Only questions of the kind that gives the survey its scale have a score.
WITH kinds AS (
    SELECT q.survey_id,
           CASE WHEN max(CASE WHEN lower(trim(q.type)) = 'nps' THEN 1 ELSE 0 END) = 1 THEN 'nps'
                WHEN max(CASE WHEN lower(trim(q.type)) = 'rating' THEN 1 ELSE 0 END) = 1 THEN 'rating'
                ELSE 'scale' END AS scored
    FROM surveyquestions AS q
    WHERE q.deleted = 0
    GROUP BY q.survey_id
),
answers AS (
    SELECT a.surveyresponse_id, q.id AS question_id, q.name, lower(trim(q.type)) AS type, k.scored,
           min(a.answer) AS answer, max(a.date_modified) AS date_modified
    FROM surveyquestionresponses AS a
    JOIN surveyquestions AS q ON q.id = a.surveyquestion_id AND q.deleted = 0
    JOIN surveyresponses AS r ON r.id = a.surveyresponse_id AND r.deleted = 0
    JOIN surveys AS s ON s.id = r.survey_id AND s.deleted = 0
    JOIN kinds AS k ON k.survey_id = q.survey_id
    WHERE a.deleted = 0
    GROUP BY a.surveyresponse_id, q.id, q.name, lower(trim(q.type)), k.scored
)
SELECT a.surveyresponse_id AS response_id, a.question_id AS item_key, mapped(a.name, 'dimension') AS dimension,
       CASE WHEN a.type = a.scored THEN number(a.answer) END AS score,
       CASE WHEN a.type <> a.scored THEN NULL
            WHEN a.type = 'rating' THEN (number(a.answer) - 1) / 4
            WHEN a.type = 'scale' THEN (number(a.answer) - 1) / 9
            ELSE number(a.answer) / 10 END AS score_0_1,
       CASE WHEN a.type <> a.scored THEN a.answer END AS text, a.date_modified AS updated_at
FROM answers AS a
