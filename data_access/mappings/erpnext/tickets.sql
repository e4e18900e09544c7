SELECT i.name AS ticket_id, c.name AS customer_id, person.id AS contact_id, i.subject AS subject, nullif(i.issue_type, '') AS category,
       mapped(i.issue_type, 'complaint') IS NOT NULL AS is_complaint, nullif(i.priority, '') AS priority, i.status AS status_raw,
       mapped(i.status, 'issue_status') AS status, to_utc(i.creation, setting('timezone')) AS opened_at,
       CASE WHEN i.first_responded_on >= i.creation THEN to_utc(i.first_responded_on, setting('timezone')) END AS first_response_at,
       CASE WHEN mapped(i.status, 'issue_status') IN ('resolved', 'closed') AND coalesce(i.resolution_date, i.sla_resolution_date) >= i.creation
            THEN to_utc(coalesce(i.resolution_date, i.sla_resolution_date), setting('timezone')) END AS resolved_at,
       CASE WHEN mapped(i.status, 'issue_status') = 'closed' AND coalesce(i.resolution_date, i.sla_resolution_date) >= i.creation
            THEN to_utc(coalesce(i.resolution_date, i.sla_resolution_date), setting('timezone')) END AS closed_at,
       u.name AS owner_id, to_utc(coalesce(i.resolution_by, i.sla_resolution_by), setting('timezone')) AS sla_due_at,
       CASE i.agreement_status WHEN 'Fulfilled' THEN TRUE WHEN 'Failed' THEN FALSE END AS sla_met,
       to_utc(i.modified, setting('timezone')) AS updated_at
FROM "Issue" AS i
LEFT JOIN "Customer" AS c ON c.name = i.customer
LEFT JOIN people AS person ON person.id = i.contact
LEFT JOIN "User" AS u ON u.name = json_text(nullif(i._assign, ''), '$[0]') AND u.user_type = 'System User'
