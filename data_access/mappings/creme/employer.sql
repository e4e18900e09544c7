-- The organisation that employs a contact; of several the first.
SELECT r.subject_entity_id AS contact_id, min(r.object_entity_id) AS organisation_id
FROM creme_core_relation AS r
JOIN persons_organisation AS o ON o.cremeentity_ptr_id = r.object_entity_id
JOIN creme_core_cremeentity AS e ON e.id = r.object_entity_id AND NOT e.is_deleted
WHERE r.type_id = 'persons-subject_employed_by'
GROUP BY r.subject_entity_id
