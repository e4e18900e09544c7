-- Calls that were answered, tasks, e-mails; what is not done is there since it was entered.
WITH done AS (
    SELECT concat('call:', c.name) AS id, 'call' AS kind, CASE c.type WHEN 'Incoming' THEN 'inbound' WHEN 'Outgoing' THEN 'outbound' END AS direction,
           c.reference_doctype AS of_kind, c.reference_docname AS of_name, coalesce(nullif(c.caller, ''), c.receiver) AS owner,
           coalesce(c.start_time, c.creation) AS at, NULL AS due_at, CASE WHEN c.status = 'Completed' THEN 1 ELSE 0 END AS is_done,
           c.duration AS duration, c.status AS status, NULL AS subject
    FROM "CRM Call Log" AS c
    UNION ALL
    SELECT concat('task:', text(t.name)), 'task', NULL, t.reference_doctype, t.reference_docname, t.assigned_to,
           CASE WHEN t.status = 'Done' THEN t.modified ELSE t.creation END, t.due_date, CASE WHEN t.status = 'Done' THEN 1 ELSE 0 END, NULL,
           t.status, t.title
    FROM "CRM Task" AS t
    UNION ALL
    SELECT concat('mail:', m.name), 'email', CASE m.sent_or_received WHEN 'Received' THEN 'inbound' WHEN 'Sent' THEN 'outbound' END,
           m.reference_doctype, m.reference_name, m.sender, coalesce(m.communication_date, m.creation), NULL, 1, NULL, m.status,
           m.subject
    FROM "Communication" AS m
    WHERE m.communication_type = 'Communication' AND coalesce(m.communication_medium, '') IN ('', 'Email')
      AND m.reference_doctype IN ('CRM Deal', 'CRM Lead')
)
SELECT e.id AS interaction_id, e.kind AS kind, e.direction AS direction,
       coalesce(o.name, CASE WHEN who.alone IS NOT NULL THEN concat('contact:', who.id) END) AS customer_id, who.id AS contact_id,
       deal.name AS opportunity_id, p.name AS lead_id, owner.name AS owner_id, to_utc(e.at, setting('timezone')) AS occurred_at,
       to_utc(e.due_at, setting('timezone')) AS due_at, CASE WHEN e.is_done = 1 THEN to_utc(e.at, setting('timezone')) END AS done_at,
       CASE WHEN e.duration >= 0 THEN cast(e.duration AS integer) END AS duration_s, e.status AS status, e.subject AS subject
FROM done AS e
LEFT JOIN "CRM Deal" AS deal ON deal.name = e.of_name AND e.of_kind = 'CRM Deal'
LEFT JOIN "CRM Lead" AS p ON p.name = e.of_name AND e.of_kind = 'CRM Lead'
LEFT JOIN "CRM Organization" AS o ON o.name = deal.organization
LEFT JOIN deal_person AS chosen ON chosen.deal = deal.name
LEFT JOIN people AS who ON who.id = chosen.contact
LEFT JOIN "User" AS owner ON owner.name = e.owner AND owner.user_type = 'System User'
