-- What a survey measures is told by the kinds of its questions; the module itself does not say.
WITH kinds AS (
    SELECT q.survey_id,
           max(CASE WHEN lower(trim(q.type)) = 'nps' THEN 1 ELSE 0 END) AS has_nps,
           max(CASE WHEN lower(trim(q.type)) = 'rating' THEN 1 ELSE 0 END) AS has_rating,
           max(CASE WHEN lower(trim(q.type)) = 'scale' THEN 1 ELSE 0 END) AS has_scale
    FROM surveyquestions AS q
    WHERE q.deleted = 0
    GROUP BY q.survey_id
)
SELECT s.id AS survey_id, s.name AS name,
       CASE WHEN mapped(s.name, 'survey_kind') IS NOT NULL THEN mapped(s.name, 'survey_kind')
            WHEN k.has_nps = 1 THEN 'nps' WHEN k.has_rating = 1 THEN 'csat' ELSE 'custom' END AS kind,
       CASE WHEN k.has_nps = 1 THEN 0 ELSE 1 END AS scale_min,
       CASE WHEN k.has_nps = 1 OR (k.has_scale = 1 AND k.has_rating = 0) THEN 10 ELSE 5 END AS scale_max,
       s.date_entered AS asked_at, s.date_modified AS updated_at
FROM surveys AS s
LEFT JOIN kinds AS k ON k.survey_id = s.id
WHERE s.deleted = 0
