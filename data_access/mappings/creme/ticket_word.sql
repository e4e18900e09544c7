-- What a status of a ticket means: its name or uuid, else its flag.
SELECT s.id AS id, s.name AS name,
       coalesce(mapped(s.name, 'ticket_status'), mapped(lower(replace(s.uuid, '-', '')), 'ticket_status'),
                CASE WHEN s.is_closed THEN 'closed' ELSE 'open' END) AS status
FROM tickets_status AS s
