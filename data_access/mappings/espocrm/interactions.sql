-- Calls and meetings that were held, tasks that were completed; what is only planned is there since it was entered.
WITH done AS (
    SELECT c.id, 'call' AS kind, c.direction, c.parent_type, c.parent_id, c.account_id, c.assigned_user_id, c.created_at,
           c.date_start AS due_at, c.status, c.name, c.modified_at, c.status = 'Held' AS is_done,
           CASE WHEN c.date_start <= c.modified_at THEN c.date_start ELSE c.modified_at END AS done_at
    FROM "call" AS c
    WHERE NOT c.deleted
    UNION ALL
    SELECT m.id, 'meeting', NULL, m.parent_type, m.parent_id, m.account_id, m.assigned_user_id, m.created_at, m.date_start,
           m.status, m.name, m.modified_at, m.status = 'Held',
           CASE WHEN m.date_start <= m.modified_at THEN m.date_start ELSE m.modified_at END
    FROM meeting AS m
    WHERE NOT m.deleted
    UNION ALL
    SELECT t.id, 'task', NULL, t.parent_type, t.parent_id, t.account_id, t.assigned_user_id, t.created_at, t.date_end,
           t.status, t.name, t.modified_at, t.status = 'Completed', coalesce(t.date_completed, t.modified_at)
    FROM task AS t
    WHERE NOT t.deleted
)
SELECT d.id AS interaction_id, d.kind AS kind, mapped(d.direction, 'direction') AS direction, account.id AS customer_id,
       person.id AS contact_id, deal.id AS opportunity_id, l.id AS lead_id, owner.id AS owner_id,
       CASE WHEN d.is_done THEN coalesce(d.done_at, d.created_at) ELSE d.created_at END AS occurred_at, d.due_at AS due_at,
       CASE WHEN d.is_done THEN coalesce(d.done_at, d.created_at) END AS done_at, d.status AS status, d.name AS subject
FROM done AS d
LEFT JOIN opportunity AS deal ON deal.id = d.parent_id AND d.parent_type = 'Opportunity' AND NOT deal.deleted
LEFT JOIN contact AS person ON person.id = d.parent_id AND d.parent_type = 'Contact' AND NOT person.deleted
LEFT JOIN "lead" AS l ON l.id = d.parent_id AND d.parent_type = 'Lead' AND NOT l.deleted
LEFT JOIN account
       ON NOT account.deleted
      AND account.id = coalesce(CASE WHEN d.parent_type = 'Account' THEN d.parent_id END, deal.account_id, person.account_id,
                                d.account_id)
LEFT JOIN "user" AS owner ON owner.id = d.assigned_user_id
