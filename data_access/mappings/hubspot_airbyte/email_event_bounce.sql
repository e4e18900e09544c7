SELECT e.id AS id, e.category AS category FROM email_events AS e WHERE e.type = 'BOUNCE'
