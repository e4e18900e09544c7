-- A ticket keeps the day of its first closing for good: the history of its statuses says the last one, and how often it was
-- taken up again. Whose it is: the organisation that is linked to it, else the employer of the linked contact.
WITH turns AS (
    SELECT c.ticket_id, max(CASE WHEN c.becomes = 'closed' THEN c.at END) AS closed_at,
           sum(CASE WHEN c.was = 'closed' AND c.becomes = 'open' THEN 1 ELSE 0 END) AS reopened
    FROM ticket_change AS c
    GROUP BY c.ticket_id
),
linked AS (
    SELECT r.object_entity_id AS ticket_id, min(o.cremeentity_ptr_id) AS organisation_id, min(c.cremeentity_ptr_id) AS contact_id
    FROM creme_core_relation AS r
    JOIN creme_core_cremeentity AS e ON e.id = r.subject_entity_id AND NOT e.is_deleted
    LEFT JOIN persons_organisation AS o ON o.cremeentity_ptr_id = r.subject_entity_id AND NOT o.is_managed
    LEFT JOIN persons_contact AS c ON c.cremeentity_ptr_id = r.subject_entity_id AND c.is_user_id IS NULL
    WHERE r.type_id = 'tickets-subject_linked_2_ticket'
    GROUP BY r.object_entity_id
)
SELECT text(t.cremeentity_ptr_id) AS ticket_id, text(coalesce(linked.organisation_id, employer.organisation_id)) AS customer_id,
       text(linked.contact_id) AS contact_id, t.title AS subject, priority.name AS priority, criticity.name AS category,
       status.name AS status_raw, coalesce(status.status, 'open') AS status, e.created AS opened_at,
       CASE WHEN status.status = 'closed' THEN coalesce(turns.closed_at, t.closing_date, e.modified) END AS resolved_at,
       CASE WHEN status.status = 'closed' THEN coalesce(turns.closed_at, t.closing_date, e.modified) END AS closed_at,
       coalesce(turns.reopened, 0) AS reopened_count, text(e.user_id) AS owner_id, e.modified AS updated_at
FROM tickets_ticket AS t
JOIN creme_core_cremeentity AS e ON e.id = t.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN ticket_word AS status ON status.id = t.status_id
LEFT JOIN tickets_priority AS priority ON priority.id = t.priority_id
LEFT JOIN tickets_criticity AS criticity ON criticity.id = t.criticity_id
LEFT JOIN turns ON turns.ticket_id = t.cremeentity_ptr_id
LEFT JOIN linked ON linked.ticket_id = t.cremeentity_ptr_id
LEFT JOIN employer ON employer.contact_id = linked.contact_id
