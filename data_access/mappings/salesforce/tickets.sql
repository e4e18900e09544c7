-- The first answer is the first e-mail that went out or the first comment that the customer can see.
WITH answers AS (
    SELECT e.parent_id AS case_id, e.message_date AS at
    FROM email_message AS e
    WHERE NOT coalesce(e.incoming, TRUE) AND NOT coalesce(e.is_deleted, FALSE) AND coalesce(e._fivetran_active, TRUE)
    UNION ALL
    SELECT n.parent_id AS case_id, n.created_date AS at
    FROM case_comment AS n
    JOIN "user" AS writer ON writer.id = n.created_by_id AND coalesce(writer._fivetran_active, TRUE)
    WHERE n.is_published AND NOT coalesce(n.is_deleted, FALSE) AND coalesce(n._fivetran_active, TRUE)
      AND coalesce(writer.user_type, 'Standard') IN ('Standard', 'CsnOnly')
), answered AS (
    SELECT w.case_id AS case_id, MIN(w.at) AS first_at, COUNT(*) AS replies
    FROM answers AS w JOIN "case" AS k ON k.id = w.case_id AND coalesce(k._fivetran_active, TRUE)
    WHERE w.at >= k.created_date
    GROUP BY w.case_id
), closed_statuses AS (
    SELECT DISTINCT k.status AS status FROM "case" AS k WHERE k.is_closed AND k.status IS NOT NULL
), reopenings AS (
    SELECT h.case_id AS case_id, COUNT(*) AS n
    FROM case_history AS h
    JOIN closed_statuses AS old_status ON old_status.status = h.old_value
    LEFT JOIN closed_statuses AS new_status ON new_status.status = h.new_value
    WHERE h.field = 'Status' AND NOT coalesce(h.is_deleted, FALSE) AND new_status.status IS NULL
    GROUP BY h.case_id
)
SELECT k.id AS ticket_id, a.id AS customer_id, c.id AS contact_id, k.subject AS subject,
       coalesce(k.reason, k.type) AS category,
       coalesce(mapped(k.type, 'complaint'), mapped(k.reason, 'complaint')) IS NOT NULL AS is_complaint,
       channel(coalesce(k.origin, '')) AS channel, k.priority AS priority, coalesce(k.status, 'unknown') AS status_raw,
       CASE WHEN k.master_record_id IS NOT NULL THEN 'void'
            ELSE coalesce(mapped(k.status, 'case_void'), mapped(k.reason, 'case_void'),
                          CASE WHEN k.is_closed THEN 'closed' ELSE mapped(coalesce(k.status, 'open'), 'case_status') END)
       END AS status,
       k.created_date AS opened_at, answered.first_at AS first_response_at,
       CASE WHEN k.is_closed THEN k.closed_date END AS resolved_at, CASE WHEN k.is_closed THEN k.closed_date END AS closed_at,
       coalesce(reopened.n, 0) AS reopened_count, answered.replies AS replies, u.id AS owner_id,
       k.last_modified_date AS updated_at
FROM "case" AS k
LEFT JOIN account AS a ON a.id = k.account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
LEFT JOIN contact AS c ON c.id = k.contact_id AND NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN "user" AS u ON u.id = k.owner_id AND coalesce(u._fivetran_active, TRUE)
LEFT JOIN answered ON answered.case_id = k.id
LEFT JOIN reopenings AS reopened ON reopened.case_id = k.id
WHERE (NOT coalesce(k.is_deleted, FALSE) OR k.master_record_id IS NOT NULL) AND coalesce(k._fivetran_active, TRUE)
