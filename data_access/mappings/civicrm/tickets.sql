WITH clients AS (
    SELECT l.case_id AS case_id, MIN(p.id) AS contact_id
    FROM case_contact AS l JOIN people AS p ON p.id = l.contact_id
    GROUP BY l.case_id
)
SELECT text(k.id) AS ticket_id, text(client.contact_id) AS customer_id, k.subject AS subject, t.title AS category,
       mapped(t.title, 'complaint') IS NOT NULL AS is_complaint, coalesce(o.name, text(k.status_id)) AS status_raw,
       mapped(coalesce(o.name, 'open'), 'case_status') AS status,
       coalesce(k.created_date, to_utc(k.start_date, setting('timezone'))) AS opened_at,
       CASE WHEN mapped(o.name, 'case_status') = 'closed' AND to_utc(k.end_date, setting('timezone')) >= coalesce(k.created_date, to_utc(k.start_date, setting('timezone')))
            THEN to_utc(k.end_date, setting('timezone')) END AS closed_at
FROM "case" AS k
LEFT JOIN case_type AS t ON t.id = k.case_type_id
LEFT JOIN options AS o ON o.group_name = 'case_status' AND o.code = text(k.status_id)
LEFT JOIN clients AS client ON client.case_id = k.id
WHERE NOT coalesce(k.is_deleted, FALSE)
