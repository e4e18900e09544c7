-- Contacts of customers, leads and prospects: not those of suppliers alone, nor those that Frappe makes of its own users.
WITH linked AS (
    SELECT l.parent AS contact, min(CASE WHEN l.link_doctype = 'Customer' THEN c.name END) AS customer_id
    FROM "Dynamic Link" AS l
    LEFT JOIN "Customer" AS c ON c.name = l.link_name AND l.link_doctype = 'Customer'
    WHERE l.parenttype = 'Contact' AND l.link_doctype IN ('Customer', 'Lead', 'Prospect')
    GROUP BY l.parent
)
SELECT p.name AS id, l.customer_id AS customer_id
FROM "Contact" AS p
JOIN linked AS l ON l.contact = p.name
WHERE NOT EXISTS (SELECT 1 FROM "User" AS u WHERE u.user_type = 'System User' AND (u.name = p."user" OR u.name = p.email_id))
