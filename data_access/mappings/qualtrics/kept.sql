-- Answers of respondents: previews, tests and spam have other codes than 0 (online), 4 (imported) and 16 (offline).
SELECT r.id AS id, r.survey_id AS survey_id, r.recipient_email AS recipient_email, r.recorded_date AS recorded_date,
       r.start_date AS start_date, bool(r.finished) AS is_complete, r.user_language AS user_language,
       r.distribution_channel AS distribution_channel, r.last_modified_date AS updated_at
FROM survey_response AS r
WHERE coalesce(r.status, '0') IN ('0', '4', '16', 'IP Address', 'Imported', 'Offline')
