-- Calls, meetings and messages with their first target (record type 3). The old versions of an activity are none.
WITH targets AS (
    SELECT l.activity_id AS activity_id, MIN(p.id) AS contact_id
    FROM activity_contact AS l JOIN people AS p ON p.id = l.contact_id
    WHERE l.record_type_id = 3
    GROUP BY l.activity_id
)
SELECT text(a.id) AS interaction_id, mapped(kind.name, 'interaction_kind') AS kind,
       CASE WHEN lower(kind.name) LIKE 'inbound%' THEN 'inbound' END AS direction, text(target.contact_id) AS customer_id,
       to_utc(a.activity_date_time, setting('timezone')) AS occurred_at,
       CASE WHEN state.name = 'Completed' THEN to_utc(a.activity_date_time, setting('timezone')) END AS done_at,
       a.duration * 60 AS duration_s, state.name AS status, a.subject AS subject
FROM activity AS a
JOIN options AS kind ON kind.group_name = 'activity_type' AND kind.code = text(a.activity_type_id)
LEFT JOIN options AS state ON state.group_name = 'activity_status' AND state.code = text(a.status_id)
LEFT JOIN targets AS target ON target.activity_id = a.id
WHERE mapped(kind.name, 'interaction_kind') IS NOT NULL AND NOT coalesce(a.is_deleted, FALSE)
  AND NOT coalesce(a.is_test, FALSE) AND coalesce(a.is_current_revision, TRUE)
