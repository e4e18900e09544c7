SELECT concat('survey-', text(l.user_input_id)) AS response_id,
       concat(text(l.question_id), CASE WHEN l.matrix_row_id IS NOT NULL THEN concat('.', text(l.matrix_row_id)) END,
              CASE WHEN q.question_type = 'multiple_choice' OR q.matrix_subtype = 'multiple' THEN concat('/', text(l.suggested_answer_id)) END,
              CASE WHEN q.question_type IN ('simple_choice', 'multiple_choice', 'matrix') AND l.answer_type <> 'suggestion' THEN '#' END)
         AS item_key,
       coalesce(l.value_numerical_box, l.value_scale, number(i18n(a.value))) AS score,
       coalesce(l.value_text_box, l.value_char_box, i18n(a.value)) AS text
FROM survey_user_input_line AS l
JOIN survey_user_input AS i ON i.id = l.user_input_id AND NOT coalesce(i.test_entry, FALSE)
JOIN survey_question AS q ON q.id = l.question_id
LEFT JOIN survey_question_answer AS a ON a.id = l.suggested_answer_id
WHERE NOT coalesce(l.skipped, FALSE)
UNION ALL
SELECT concat('rating-', text(id)), 'rating', rating, feedback FROM rating_rating WHERE consumed AND rating >= 1
