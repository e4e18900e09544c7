-- Calls, meetings, tasks, notes and mails. What is only planned is there since it was entered, and due later; what was held
-- happened when it was to begin, and not later than somebody wrote that it was held.
WITH done AS (
    SELECT c.id, 'call' AS kind, c.direction, c.parent_type, c.parent_id, NULL AS contact_id, c.assigned_user_id,
           c.date_entered, c.date_start AS due_at, c.status, c.name, c.date_modified, c.status = 'Held' AS is_done,
           CASE WHEN c.date_start <= c.date_modified THEN c.date_start ELSE c.date_modified END AS done_at,
           (coalesce(c.duration_hours, 0) * 60 + coalesce(c.duration_minutes, 0)) * 60 AS duration_s
    FROM calls AS c
    WHERE c.deleted = 0
    UNION ALL
    SELECT m.id, 'meeting', NULL, m.parent_type, m.parent_id, NULL, m.assigned_user_id, m.date_entered, m.date_start,
           m.status, m.name, m.date_modified, m.status = 'Held',
           CASE WHEN m.date_start <= m.date_modified THEN m.date_start ELSE m.date_modified END,
           (coalesce(m.duration_hours, 0) * 60 + coalesce(m.duration_minutes, 0)) * 60
    FROM meetings AS m
    WHERE m.deleted = 0
    UNION ALL
    SELECT t.id, 'task', NULL, t.parent_type, t.parent_id, t.contact_id, t.assigned_user_id, t.date_entered, t.date_due,
           t.status, t.name, t.date_modified, t.status = 'Completed', t.date_modified, NULL
    FROM tasks AS t
    WHERE t.deleted = 0
    UNION ALL
    SELECT n.id, 'note', NULL, n.parent_type, n.parent_id, n.contact_id, n.assigned_user_id, n.date_entered, NULL,
           NULL, n.name, n.date_modified, TRUE, n.date_entered, NULL
    FROM notes AS n
    WHERE n.deleted = 0
    UNION ALL
    SELECT e.id, 'email', CASE WHEN e.type = 'inbound' THEN 'Inbound' WHEN e.type IN ('out', 'archived', 'campaign') THEN 'Outbound' END,
           e.parent_type, e.parent_id, NULL, e.assigned_user_id, coalesce(e.date_sent_received, e.date_entered), NULL,
           e.status, e.name, e.date_modified, TRUE, coalesce(e.date_sent_received, e.date_entered), NULL
    FROM emails AS e
    WHERE e.deleted = 0 AND coalesce(e.type, '') <> 'draft' AND coalesce(e.status, '') NOT IN ('draft', 'send_error')
),
invited AS (
    SELECT i.call_id AS id, min(i.contact_id) AS contact_id FROM calls_contacts AS i WHERE i.deleted = 0 GROUP BY i.call_id
    UNION ALL
    SELECT i.meeting_id, min(i.contact_id) FROM meetings_contacts AS i WHERE i.deleted = 0 GROUP BY i.meeting_id
    UNION ALL
    SELECT i.email_id, min(i.bean_id) FROM emails_beans AS i
    WHERE i.deleted = 0 AND i.bean_module = 'Contacts' GROUP BY i.email_id
)
SELECT d.id AS interaction_id, d.kind AS kind, mapped(d.direction, 'direction') AS direction, customer.id AS customer_id,
       person.id AS contact_id, deal.id AS opportunity_id, lead.id AS lead_id, owner.id AS owner_id,
       CASE WHEN d.is_done THEN coalesce(d.done_at, d.date_entered) ELSE d.date_entered END AS occurred_at,
       d.due_at AS due_at, CASE WHEN d.is_done THEN coalesce(d.done_at, d.date_entered) END AS done_at,
       CASE WHEN d.is_done THEN d.duration_s END AS duration_s, nullif(trim(d.status), '') AS status, d.name AS subject,
       d.date_modified AS updated_at
FROM done AS d
LEFT JOIN invited AS i ON i.id = d.id
LEFT JOIN contacts AS person
       ON person.deleted = 0
      AND person.id = coalesce(CASE WHEN d.parent_type = 'Contacts' THEN d.parent_id END, nullif(d.contact_id, ''), i.contact_id)
LEFT JOIN opportunities AS deal ON deal.id = d.parent_id AND d.parent_type = 'Opportunities' AND deal.deleted = 0
LEFT JOIN leads AS lead ON lead.id = d.parent_id AND d.parent_type = 'Leads' AND lead.deleted = 0
LEFT JOIN cases AS ticket ON ticket.id = d.parent_id AND d.parent_type = 'Cases' AND ticket.deleted = 0
LEFT JOIN employers AS employment ON employment.contact_id = person.id
LEFT JOIN buyers AS buyer ON buyer.opportunity_id = deal.id
LEFT JOIN accounts AS customer
       ON customer.deleted = 0
      AND customer.id = coalesce(CASE WHEN d.parent_type = 'Accounts' THEN d.parent_id END, buyer.account_id,
                                 nullif(ticket.account_id, ''), employment.account_id, nullif(lead.account_id, ''))
LEFT JOIN users AS owner ON owner.id = d.assigned_user_id
