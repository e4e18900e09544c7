SELECT text(t.cremeentity_ptr_id) AS ticket_id, t.title AS subject, priority.name AS priority, criticity.name AS category,
       status.name AS status_raw,
       coalesce(mapped(status.name, 'ticket_status'), CASE WHEN status.is_closed THEN 'closed' ELSE 'open' END) AS status,
       e.created AS opened_at, CASE WHEN status.is_closed THEN t.closing_date END AS resolved_at,
       CASE WHEN status.is_closed THEN t.closing_date END AS closed_at, text(e.user_id) AS owner_id, e.modified AS updated_at
FROM tickets_ticket AS t
JOIN creme_core_cremeentity AS e ON e.id = t.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN tickets_status AS status ON status.id = t.status_id
LEFT JOIN tickets_priority AS priority ON priority.id = t.priority_id
LEFT JOIN tickets_criticity AS criticity ON criticity.id = t.criticity_id
