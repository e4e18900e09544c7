-- Ratings (1 to 5) are one survey. Of others Odoo says neither what they measure nor their scale: that is taken from the
-- numbers that can be, and were, answered; a company names its NPS survey in a mapping of its own.
WITH value_ AS (
  SELECT q.survey_id AS survey_id, number(i18n(a.value)) AS value
  FROM survey_question_answer AS a JOIN survey_question AS q ON q.id = a.question_id
  UNION ALL
  SELECT survey_id, value_numerical_box FROM survey_user_input_line WHERE answer_type = 'numerical_box'
  UNION ALL
  SELECT survey_id, scale_min FROM survey_question WHERE question_type = 'scale'
  UNION ALL
  SELECT survey_id, scale_max FROM survey_question WHERE question_type = 'scale'
),
scale AS (SELECT survey_id, min(value) AS low, max(value) AS high FROM value_ GROUP BY survey_id)
SELECT concat('survey-', text(s.id)) AS survey_id, i18n(s.title) AS name, 'custom' AS kind, coalesce(floor(scale.low), 0) AS scale_min,
       coalesce(ceil(scale.high), 10) AS scale_max, s.create_date AS asked_at
FROM survey_survey AS s
LEFT JOIN scale ON scale.survey_id = s.id
UNION ALL
SELECT 'rating', 'Rating', 'csat', 1, 5, min(create_date) FROM rating_rating HAVING count(*) > 0
