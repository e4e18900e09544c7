-- `status` says where a case stands; `state` is asked only where there is no status, for the two often disagree.
WITH answers AS (
    SELECT u.case_id, min(u.date_entered) AS first_at, count(*) AS replies
    FROM aop_case_updates AS u
    JOIN cases AS c ON c.id = u.case_id AND u.date_entered >= c.date_entered
    WHERE u.deleted = 0 AND coalesce(u.internal, 0) = 0 AND coalesce(u.contact_id, '') = ''
    GROUP BY u.case_id
),
turns AS (
    SELECT a.parent_id, a.date_created,
           CASE WHEN mapped(a.after_value_string, 'case_status') IN ('closed', 'resolved', 'void') THEN 1 ELSE 0 END AS ends,
           CASE WHEN mapped(a.before_value_string, 'case_status') IN ('closed', 'resolved', 'void') THEN 1 ELSE 0 END AS ended
    FROM cases_audit AS a
    WHERE a.field_name = 'status'
),
closings AS (
    SELECT t.parent_id, max(CASE WHEN t.ends = 1 AND t.ended = 0 THEN t.date_created END) AS closed_at,
           sum(CASE WHEN t.ends = 0 AND t.ended = 1 THEN 1 ELSE 0 END) AS reopened
    FROM turns AS t
    GROUP BY t.parent_id
),
people AS (
    SELECT l.case_id, min(l.contact_id) AS contact_id FROM contacts_cases AS l WHERE l.deleted = 0 GROUP BY l.case_id
),
tickets AS (
    SELECT c.id, c.name, c.type, c.priority, c.account_id, c.contact_created_by_id, c.assigned_user_id, c.date_modified,
           coalesce(c.date_entered, c.date_modified) AS opened_at,
           coalesce(nullif(trim(c.status), ''), nullif(trim(c.state), ''), '(none)') AS status_raw
    FROM cases AS c
    WHERE c.deleted = 0
)
SELECT t.id AS ticket_id, customer.id AS customer_id, person.id AS contact_id, t.name AS subject,
       nullif(trim(t.type), '') AS category, mapped(t.type, 'complaint') IS NOT NULL AS is_complaint,
       nullif(trim(t.priority), '') AS priority, t.status_raw AS status_raw, mapped(t.status_raw, 'case_status') AS status,
       t.opened_at AS opened_at,
       a.first_at AS first_response_at,
       CASE WHEN mapped(t.status_raw, 'case_status') IN ('closed', 'resolved') AND c.closed_at >= t.opened_at THEN c.closed_at END AS resolved_at,
       CASE WHEN mapped(t.status_raw, 'case_status') IN ('closed', 'resolved', 'void') AND c.closed_at >= t.opened_at THEN c.closed_at END AS closed_at,
       coalesce(c.reopened, 0) AS reopened_count, coalesce(a.replies, 0) AS replies, owner.id AS owner_id,
       t.date_modified AS updated_at
FROM tickets AS t
LEFT JOIN answers AS a ON a.case_id = t.id
LEFT JOIN closings AS c ON c.parent_id = t.id
LEFT JOIN people AS p ON p.case_id = t.id
LEFT JOIN contacts AS person ON person.deleted = 0 AND person.id = coalesce(nullif(t.contact_created_by_id, ''), p.contact_id)
LEFT JOIN employers AS employment ON employment.contact_id = person.id
LEFT JOIN accounts AS customer ON customer.deleted = 0 AND customer.id = coalesce(nullif(t.account_id, ''), employment.account_id)
LEFT JOIN users AS owner ON owner.id = t.assigned_user_id
