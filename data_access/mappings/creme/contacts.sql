-- People, without the users of the application, at the organisation that employs them.
SELECT text(c.cremeentity_ptr_id) AS contact_id, text(employer.organisation_id) AS customer_id,
       trim(concat(c.first_name, ' ', c.last_name)) AS full_name, nullif(c.email, '') AS email,
       coalesce(nullif(c.phone, ''), nullif(c.mobile, '')) AS phone, nullif(c.full_position, '') AS job_title,
       e.created AS created_at, e.modified AS updated_at
FROM persons_contact AS c
JOIN creme_core_cremeentity AS e ON e.id = c.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN (SELECT r.subject_entity_id, min(r.object_entity_id) AS organisation_id
           FROM creme_core_relation AS r
           JOIN persons_organisation AS o ON o.cremeentity_ptr_id = r.object_entity_id
           JOIN creme_core_cremeentity AS x ON x.id = r.object_entity_id AND NOT x.is_deleted
           WHERE r.type_id = 'persons-subject_employed_by'
           GROUP BY r.subject_entity_id) AS employer ON employer.subject_entity_id = c.cremeentity_ptr_id
WHERE c.is_user_id IS NULL
