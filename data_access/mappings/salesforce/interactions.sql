-- Tasks and events. The template of a series and the copies for those invited are not activities of their own. `who` is a
-- lead or a contact, `what` a deal or an account.
WITH activities AS (
    SELECT t.id AS id, mapped(coalesce(t.task_subtype, t.type, 'task'), 'interaction_kind') AS kind,
           CASE t.call_type WHEN 'Inbound' THEN 'inbound' WHEN 'Outbound' THEN 'outbound' END AS direction,
           t.account_id AS account_id, t.owner_id AS owner_id, t.who_id AS who_id, t.what_id AS what_id,
           CASE WHEN t.is_closed THEN coalesce(t.completed_date_time, t.created_date) ELSE t.created_date END AS occurred_at,
           t.activity_date AS due_at,
           CASE WHEN t.is_closed THEN coalesce(t.completed_date_time, t.created_date) END AS done_at,
           t.call_duration_in_seconds AS duration_s, t.status AS status, t.subject AS subject,
           t.last_modified_date AS updated_at
    FROM task AS t
    WHERE NOT coalesce(t.is_deleted, FALSE) AND NOT coalesce(t.is_recurrence, FALSE) AND coalesce(t._fivetran_active, TRUE)
    UNION ALL
    SELECT e.id AS id, 'meeting' AS kind, NULL AS direction, e.account_id AS account_id, e.owner_id AS owner_id,
           e.who_id AS who_id, e.what_id AS what_id, coalesce(e.start_date_time, e.activity_date, e.created_date) AS occurred_at,
           NULL AS due_at, coalesce(e.end_date_time, e.start_date_time, e.activity_date) AS done_at,
           e.duration_in_minutes * 60 AS duration_s, NULL AS status, e.subject AS subject, e.last_modified_date AS updated_at
    FROM event AS e
    WHERE NOT coalesce(e.is_deleted, FALSE) AND NOT coalesce(e.is_child, FALSE) AND NOT coalesce(e.is_recurrence, FALSE)
      AND coalesce(e._fivetran_active, TRUE)
)
SELECT x.id AS interaction_id, x.kind AS kind, x.direction AS direction, a.id AS customer_id, c.id AS contact_id,
       d.id AS opportunity_id, l.id AS lead_id, u.id AS owner_id, x.occurred_at AS occurred_at, x.due_at AS due_at,
       x.done_at AS done_at, x.duration_s AS duration_s, x.status AS status, x.subject AS subject, x.updated_at AS updated_at
FROM activities AS x
LEFT JOIN deals AS d ON d.id = x.what_id
LEFT JOIN contact AS c ON c.id = x.who_id AND NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN lead AS l ON l.id = x.who_id AND NOT coalesce(l.is_deleted, FALSE) AND coalesce(l._fivetran_active, TRUE)
LEFT JOIN account AS what ON what.id = x.what_id
LEFT JOIN account AS a ON a.id = coalesce(x.account_id, what.id, d.account_id, c.account_id)
                          AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
LEFT JOIN "user" AS u ON u.id = x.owner_id AND coalesce(u._fivetran_active, TRUE)
