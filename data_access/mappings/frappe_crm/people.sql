-- Contacts, without those that Frappe makes of the company's own users. Who has a deal without an organisation is a customer
-- in person.
WITH alone AS (
    SELECT DISTINCT p.contact AS contact
    FROM deal_person AS p
    JOIN "CRM Deal" AS d ON d.name = p.deal
    LEFT JOIN "CRM Organization" AS o ON o.name = d.organization
    WHERE o.name IS NULL
)
SELECT c.name AS id, o.name AS organization, alone.contact AS alone, coalesce(o.name, concat('contact:', alone.contact)) AS customer_id,
       coalesce(nullif(trim(concat(c.first_name, ' ', c.last_name)), ''), c.name) AS full_name, nullif(c.email_id, '') AS email,
       coalesce(nullif(c.mobile_no, ''), nullif(c.phone, '')) AS phone, nullif(c.designation, '') AS job_title,
       c.unsubscribed = 1 AS opted_out, to_utc(c.creation, setting('timezone')) AS created_at,
       to_utc(c.modified, setting('timezone')) AS updated_at
FROM "Contact" AS c
LEFT JOIN "CRM Organization" AS o ON o.name = c.company_name
LEFT JOIN alone ON alone.contact = c.name
WHERE NOT EXISTS (SELECT 1 FROM "User" AS u WHERE u.user_type = 'System User' AND (u.name = c."user" OR u.name = c.email_id))
