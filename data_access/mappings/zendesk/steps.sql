-- The changes of a ticket's status, neighbours of the same meaning taken together. The first one holds from the opening on.
WITH logged AS (
    SELECT h.ticket_id AS ticket_id, t.created_at AS opened_at,
           CASE WHEN h.updated < t.created_at THEN t.created_at ELSE h.updated END AS at,
           mapped(h.value, 'status') AS status,
           row_number() OVER (PARTITION BY h.ticket_id, h.updated ORDER BY h.value DESC) AS turn
    FROM ticket_field_history AS h
    JOIN ticket AS t ON t.id = h.ticket_id
    WHERE h.field_name = 'status' AND h.value IS NOT NULL
), told AS (
    SELECT l.ticket_id AS ticket_id, l.opened_at AS opened_at, l.at AS at, l.status AS status,
           lag(l.status) OVER (PARTITION BY l.ticket_id ORDER BY l.at) AS status_before
    FROM logged AS l
    WHERE l.turn = 1
)
SELECT t.ticket_id AS ticket_id, CASE WHEN t.status_before IS NULL THEN t.opened_at ELSE t.at END AS at, t.status AS status,
       t.status_before AS status_before
FROM told AS t
WHERE t.status_before IS NULL OR t.status_before <> t.status
