-- Everybody with an e-mail, once: the directory, mailing lists and those who answered hold the same people.
WITH every AS (
    SELECT d.email AS email, d.first_name AS first_name, d.last_name AS last_name, d.creation_date AS at,
           d.directory_unsubscribed AS unsubscribed
    FROM directory_contact AS d
    WHERE d.email <> ''
    UNION ALL
    SELECT c.email AS email, c.first_name AS first_name, c.last_name AS last_name, c._fivetran_synced AS at, c.unsubscribed AS unsubscribed
    FROM core_contact AS c
    WHERE c.email <> '' AND NOT coalesce(c._fivetran_deleted, FALSE)
    UNION ALL
    SELECT r.recipient_email AS email, r.recipient_first_name AS first_name, r.recipient_last_name AS last_name,
           r.start_date AS at, NULL AS unsubscribed
    FROM survey_response AS r
    WHERE r.recipient_email <> ''
)
SELECT lower(trim(e.email)) AS email, MIN(trim(concat(e.first_name, ' ', e.last_name))) AS name, MIN(e.at) AS first_at,
       MAX(CASE WHEN e.unsubscribed THEN 1 WHEN NOT e.unsubscribed THEN 0 END) AS unsubscribed
FROM every AS e
GROUP BY lower(trim(e.email))
