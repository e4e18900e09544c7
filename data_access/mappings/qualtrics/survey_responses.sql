-- Answers, and those who were sent a survey and did not answer.
WITH contacts AS (
    SELECT d.id AS id, d.email AS email FROM directory_contact AS d
    UNION
    SELECT c.id AS id, c.email AS email FROM core_contact AS c
), asked AS (
    SELECT x.response_id AS response_id, MIN(x.sent_at) AS sent_at, MIN(c.email) AS email
    FROM distribution_contact AS x
    LEFT JOIN contacts AS c ON c.id = x.contact_id
    WHERE x.response_id IS NOT NULL
    GROUP BY x.response_id
), silent AS (
    SELECT d.survey_link_survey_id AS survey_id, x.distribution_id AS distribution_id, coalesce(x.contact_id, x.contact_lookup_id) AS contact,
           MIN(x.sent_at) AS sent_at, MIN(c.email) AS email
    FROM distribution_contact AS x
    JOIN distribution AS d ON d.id = x.distribution_id AND NOT coalesce(d._fivetran_deleted, FALSE)
    JOIN survey AS s ON s.id = d.survey_link_survey_id
    LEFT JOIN contacts AS c ON c.id = x.contact_id
    WHERE x.response_id IS NULL AND x.sent_at IS NOT NULL
    GROUP BY d.survey_link_survey_id, x.distribution_id, coalesce(x.contact_id, x.contact_lookup_id)
)
SELECT r.id AS response_id, r.survey_id AS survey_id, email_key(coalesce(nullif(r.recipient_email, ''), a.email)) AS customer_id,
       coalesce(a.sent_at, r.start_date) AS sent_at,
       r.recorded_date AS responded_at, coalesce(r.is_complete, FALSE) AS is_complete, r.user_language AS language,
       channel(coalesce(r.distribution_channel, '')) AS channel, r.updated_at AS updated_at
FROM kept AS r
LEFT JOIN asked AS a ON a.response_id = r.id
UNION ALL
SELECT concat('sent:', q.distribution_id, ':', q.contact) AS response_id, q.survey_id AS survey_id,
       email_key(q.email) AS customer_id, q.sent_at AS sent_at, NULL AS responded_at, FALSE AS is_complete, NULL AS language,
       'email' AS channel, NULL AS updated_at
FROM silent AS q
