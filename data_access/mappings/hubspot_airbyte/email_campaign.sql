SELECT text(c.id) AS id, c.name AS name, c.subject AS subject, c.type AS type
FROM campaigns AS c
