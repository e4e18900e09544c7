-- Activities, of whatever kind but absences, with the contact who takes part, the organisation and the deal they are about.
WITH about AS (
    SELECT r.object_entity_id AS activity_id, min(o.cremeentity_ptr_id) AS organisation_id, min(p.cremeentity_ptr_id) AS contact_id,
           min(d.cremeentity_ptr_id) AS deal_id
    FROM creme_core_relation AS r
    JOIN creme_core_cremeentity AS e ON e.id = r.subject_entity_id AND NOT e.is_deleted
    LEFT JOIN persons_organisation AS o ON o.cremeentity_ptr_id = e.id AND NOT o.is_managed
    LEFT JOIN persons_contact AS p ON p.cremeentity_ptr_id = e.id AND p.is_user_id IS NULL
    LEFT JOIN opportunities_opportunity AS d ON d.cremeentity_ptr_id = e.id
    WHERE r.type_id IN ('activities-subject_participates_to_activity', 'activities-subject_activity_subject',
                        'activities-subject_linked_2_activity')
    GROUP BY r.object_entity_id
)
SELECT text(a.cremeentity_ptr_id) AS interaction_id, coalesce(mapped(lower(replace(kind.uuid, '-', '')), 'activity_kind'), 'task') AS kind,
       mapped(lower(replace(sub.uuid, '-', '')), 'call_direction') AS direction,
       text(coalesce(about.organisation_id, employer.organisation_id)) AS customer_id, text(about.contact_id) AS contact_id,
       text(about.deal_id) AS opportunity_id, text(e.user_id) AS owner_id, coalesce(a.start, e.created) AS occurred_at,
       ident("end") AS due_at,
       CASE WHEN mapped(lower(replace(status.uuid, '-', '')), 'activity_status') = 'done' THEN coalesce(ident("end"), a.start, e.modified) END AS done_at,
       epoch(ident("end")) - epoch(a.start) AS duration_s, status.name AS status, a.title AS subject, e.modified AS updated_at
FROM activities_activity AS a
JOIN creme_core_cremeentity AS e ON e.id = a.cremeentity_ptr_id AND NOT e.is_deleted
JOIN activities_activitytype AS kind ON kind.id = a.type_id
LEFT JOIN activities_activitysubtype AS sub ON sub.id = a.sub_type_id
LEFT JOIN activities_status AS status ON status.id = a.status_id
LEFT JOIN about ON about.activity_id = a.cremeentity_ptr_id
LEFT JOIN employer ON employer.contact_id = about.contact_id
WHERE coalesce(mapped(lower(replace(kind.uuid, '-', '')), 'activity_kind'), 'task') <> 'absence'
