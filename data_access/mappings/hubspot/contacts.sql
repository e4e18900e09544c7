SELECT text(p.id) AS contact_id, p.customer_id AS customer_id,
       CASE WHEN p.full_name <> '' THEN p.full_name ELSE coalesce(p.email, text(p.id)) END AS full_name, p.email AS email,
       c.property_phone AS phone, c.property_jobtitle AS job_title, c.property_hs_email_optout AS opted_out,
       coalesce(c.property_createdate, c.property_created_at, c._fivetran_synced) AS created_at,
       c.property_lastmodifieddate AS updated_at
FROM people AS p
JOIN contact AS c ON c.id = p.id
