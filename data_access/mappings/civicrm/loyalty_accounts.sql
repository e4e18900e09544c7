SELECT text(m.id) AS loyalty_id, text(p.id) AS customer_id, t.name AS program,
       to_utc(coalesce(m.join_date, m.start_date), setting('timezone')) AS joined_at,
       CASE WHEN NOT coalesce(s.is_current_member, TRUE) THEN to_utc(m.end_date, setting('timezone')) END AS left_at
FROM membership AS m
JOIN people AS p ON p.id = m.contact_id
LEFT JOIN membership_type AS t ON t.id = m.membership_type_id
LEFT JOIN membership_status AS s ON s.id = m.status_id
WHERE NOT coalesce(m.is_test, FALSE) AND coalesce(m.join_date, m.start_date) IS NOT NULL
