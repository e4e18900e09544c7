SELECT t.id AS ticket_id, coalesce(account.id, employer.id) AS customer_id, person.id AS contact_id, t.name AS subject,
       nullif(t.type, '') AS category, nullif(t.priority, '') AS priority, coalesce(t.status, '') AS status_raw,
       mapped(coalesce(t.status, ''), 'case_status') AS status, t.created_at AS opened_at, owner.id AS owner_id,
       t.modified_at AS updated_at
FROM tickets AS t
LEFT JOIN account ON account.id = t.account_id AND NOT account.deleted
LEFT JOIN contact AS person ON person.id = t.contact_id AND NOT person.deleted
LEFT JOIN account AS employer ON employer.id = person.account_id AND NOT employer.deleted
LEFT JOIN "user" AS owner ON owner.id = t.assigned_user_id
WHERE NOT t.deleted
