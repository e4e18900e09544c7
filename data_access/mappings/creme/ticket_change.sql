-- The moments at which a ticket's status became another one, from the lines of its history, which are written as those of deals.
WITH logged AS (
    SELECT h.entity_id AS ticket_id, h.date AS at, h.id AS number,
           whole(json_text(item.value, '$[1]')) AS was, whole(json_text(item.value, '$[2]')) AS becomes
    FROM creme_core_historyline AS h
    CROSS JOIN json_rows(h.value) AS item
    WHERE h.type = 2 AND h.value LIKE '%"status%' AND json_text(item.value, '$[0]') IN ('status_id', 'status')
)
SELECT l.ticket_id, CASE WHEN l.at > e.created THEN l.at ELSE e.created END AS at, l.number, former.status AS was, present.status AS becomes
FROM logged AS l
JOIN tickets_ticket AS t ON t.cremeentity_ptr_id = l.ticket_id
JOIN creme_core_cremeentity AS e ON e.id = l.ticket_id AND NOT e.is_deleted
JOIN ticket_word AS former ON former.id = l.was
JOIN ticket_word AS present ON present.id = l.becomes
WHERE former.status <> present.status
