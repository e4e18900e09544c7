-- Answers, and those who were sent a survey and did not answer. A reminder is the same question once more, and thanks are none.
WITH contacts AS (
    SELECT d.id AS id, d.email AS email FROM directory_contact AS d
    UNION
    SELECT c.id AS id, c.email AS email FROM core_contact AS c
), invited AS (
    SELECT coalesce(nullif(d.parent_distribution_id, ''), d.id) AS invitation, x.distribution_id AS distribution_id,
           coalesce(x.contact_id, x.contact_lookup_id) AS contact, d.survey_link_survey_id AS survey_id, x.sent_at AS sent_at,
           x.response_id AS response_id, c.email AS email
    FROM distribution_contact AS x
    JOIN distribution AS d ON d.id = x.distribution_id AND NOT coalesce(d._fivetran_deleted, FALSE)
    LEFT JOIN contacts AS c ON c.id = x.contact_id
    WHERE lower(coalesce(d.request_type, '')) NOT LIKE '%thank%'
), first_asked AS (
    -- who answered a reminder was asked by the invitation
    SELECT i.invitation AS invitation, i.contact AS contact, MIN(i.survey_id) AS survey_id, MIN(i.sent_at) AS sent_at, MIN(i.email) AS email,
           COUNT(i.response_id) AS answers
    FROM invited AS i
    GROUP BY i.invitation, i.contact
), silent AS (
    SELECT f.survey_id AS survey_id, f.invitation AS distribution_id, f.contact AS contact, f.sent_at AS sent_at, f.email AS email
    FROM first_asked AS f
    JOIN survey AS s ON s.id = f.survey_id
    WHERE f.answers = 0 AND f.sent_at IS NOT NULL
), asked AS (
    SELECT i.response_id AS response_id, MIN(f.sent_at) AS sent_at, MIN(i.email) AS email
    FROM invited AS i
    JOIN first_asked AS f ON f.invitation = i.invitation AND f.contact = i.contact
    WHERE i.response_id IS NOT NULL
    GROUP BY i.response_id
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
