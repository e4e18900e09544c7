SELECT p.id AS contact_id, p.customer_id AS customer_id,
       coalesce(nullif(trim(concat(c.first_name, ' ', c.last_name)), ''), c.name) AS full_name, nullif(c.email_id, '') AS email,
       coalesce(nullif(c.mobile_no, ''), nullif(c.phone, '')) AS phone, nullif(c.designation, '') AS job_title,
       coalesce(c.is_primary_contact, 0) = 1 AS is_primary, c.unsubscribed = 1 AS opted_out,
       to_utc(c.creation, setting('timezone')) AS created_at, to_utc(c.modified, setting('timezone')) AS updated_at
FROM people AS p
JOIN "Contact" AS c ON c.name = p.id
