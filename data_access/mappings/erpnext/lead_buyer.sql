-- The customer that a lead became.
SELECT c.lead_name AS lead_id, min(c.name) AS customer_id, min(c.creation) AS written
FROM "Customer" AS c
WHERE c.lead_name <> ''
GROUP BY c.lead_name
