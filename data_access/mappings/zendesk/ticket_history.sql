SELECT text(s.ticket_id) AS ticket_id, row_number() OVER (PARTITION BY s.ticket_id ORDER BY s.at) AS seq, s.status AS status,
       s.at AS entered_at, lead(s.at) OVER (PARTITION BY s.ticket_id ORDER BY s.at) AS left_at
FROM steps AS s
