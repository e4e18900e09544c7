-- People, without the users of the application, at the organisation that employs them.
SELECT text(c.cremeentity_ptr_id) AS contact_id, text(employer.organisation_id) AS customer_id,
       trim(concat(c.first_name, ' ', c.last_name)) AS full_name, nullif(c.email, '') AS email,
       coalesce(nullif(c.phone, ''), nullif(c.mobile, '')) AS phone, nullif(c.full_position, '') AS job_title,
       e.created AS created_at, e.modified AS updated_at
FROM persons_contact AS c
JOIN creme_core_cremeentity AS e ON e.id = c.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN employer ON employer.contact_id = c.cremeentity_ptr_id
WHERE c.is_user_id IS NULL
