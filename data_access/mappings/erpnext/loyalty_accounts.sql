-- Who has points in a programme is in it since the first of them. Points expire, so that no balance is told.
SELECT concat(e.loyalty_program, ':', c.name) AS loyalty_id, c.name AS customer_id, e.loyalty_program AS program,
       max(CASE WHEN c.loyalty_program = e.loyalty_program THEN nullif(c.loyalty_program_tier, '') END) AS tier,
       to_utc(min(e.posting_date), setting('timezone')) AS joined_at
FROM "Loyalty Point Entry" AS e
JOIN "Customer" AS c ON c.name = e.customer
WHERE e.docstatus <> 2
GROUP BY e.loyalty_program, c.name
