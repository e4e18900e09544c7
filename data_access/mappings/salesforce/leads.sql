-- A converted lead keeps its row; the day of conversion is a date of the company's calendar, and the deal made by it tells the
-- moment. When it was qualified is told by its log of statuses.
WITH answers AS (
    SELECT t.who_id AS lead_id, MIN(coalesce(t.completed_date_time, t.created_date)) AS at
    FROM task AS t
    WHERE t.is_closed AND NOT coalesce(t.is_deleted, FALSE) AND t.who_id IS NOT NULL AND coalesce(t._fivetran_active, TRUE)
      AND lower(coalesce(t.task_subtype, t.type)) IN ('call', 'email')
      AND coalesce(t.call_type, 'Outbound') <> 'Inbound'
    GROUP BY t.who_id
), qualified AS (
    SELECT h.lead_id AS lead_id, MIN(h.created_date) AS at
    FROM lead_history AS h
    WHERE h.field = 'Status' AND NOT coalesce(h.is_deleted, FALSE) AND mapped(h.new_value, 'lead_status') = 'qualified'
    GROUP BY h.lead_id
)
SELECT l.id AS lead_id, a.id AS customer_id, c.id AS contact_id, coalesce(l.name, l.company) AS name,
       email_key(l.email) AS email_key, l.lead_source AS source_raw, channel(coalesce(l.lead_source, '')) AS channel, u.id AS owner_id,
       coalesce(l.status, 'unknown') AS status_raw,
       CASE WHEN l.is_converted THEN 'converted' ELSE mapped(coalesce(l.status, 'new'), 'lead_status') END AS status,
       l.created_date AS created_at, CASE WHEN answer.at >= l.created_date THEN answer.at END AS first_response_at,
       CASE WHEN qualified.at >= l.created_date THEN qualified.at END AS qualified_at,
       CASE WHEN NOT coalesce(l.is_converted, FALSE) THEN NULL
            WHEN d.created_date >= l.created_date
                 AND (day(d.created_date) = day(l.converted_date)
                      OR (d.created_date >= to_utc(day(l.converted_date), setting('timezone'))
                          AND d.created_date < add_days(to_utc(day(l.converted_date), setting('timezone')), 1))) THEN d.created_date
            WHEN to_utc(day(l.converted_date), setting('timezone')) < l.created_date THEN l.created_date
            ELSE to_utc(day(l.converted_date), setting('timezone')) END AS converted_at,
       CASE WHEN l.is_converted THEN d.id END AS converted_opportunity_id, l.last_modified_date AS updated_at
FROM lead AS l
LEFT JOIN "user" AS u ON u.id = l.owner_id AND coalesce(u._fivetran_active, TRUE)
LEFT JOIN account AS a ON a.id = l.converted_account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
LEFT JOIN contact AS c ON c.id = l.converted_contact_id AND NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN deals AS d ON d.id = l.converted_opportunity_id
LEFT JOIN answers AS answer ON answer.lead_id = l.id
LEFT JOIN qualified ON qualified.lead_id = l.id
WHERE NOT coalesce(l.is_deleted, FALSE) AND coalesce(l._fivetran_active, TRUE)
