SELECT email_key(p.email) AS customer_id, coalesce(nullif(p.name, ''), p.email) AS name, 'person' AS kind, p.email AS email,
       p.first_at AS first_seen_at, CASE p.unsubscribed WHEN 1 THEN FALSE WHEN 0 THEN TRUE END AS consent_marketing
FROM people AS p
