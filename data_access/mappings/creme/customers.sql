-- Organisations; those that the company manages are the company itself. A contact to whom a deal or an invoice goes without
-- an organisation is a customer as well.
WITH buyers AS (
    SELECT r.object_entity_id AS contact_id FROM creme_core_relation AS r
    WHERE r.type_id = 'opportunities-subject_targets_orga'
    UNION
    SELECT r.object_entity_id FROM creme_core_relation AS r WHERE r.type_id = 'billing-subject_bill_received'
)
SELECT text(o.cremeentity_ptr_id) AS customer_id, o.name AS name, 'company' AS kind, nullif(o.email, '') AS email,
       nullif(o.phone, '') AS phone, nullif(a.country, '') AS x_country, nullif(a.department, '') AS region,
       nullif(a.city, '') AS city, sector.title AS industry, size.size AS size_band, text(e.user_id) AS owner_id,
       e.created AS first_seen_at, TRUE AS is_active, o.is_managed AS is_own_company, e.modified AS updated_at
FROM persons_organisation AS o
JOIN creme_core_cremeentity AS e ON e.id = o.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN persons_address AS a ON a.id = o.billing_address_id
LEFT JOIN persons_sector AS sector ON sector.id = o.sector_id
LEFT JOIN persons_staffsize AS size ON size.id = o.staff_size_id
UNION ALL
SELECT text(c.cremeentity_ptr_id), trim(concat(c.first_name, ' ', c.last_name)), 'person', nullif(c.email, ''),
       nullif(c.phone, ''), nullif(a.country, ''), nullif(a.department, ''), nullif(a.city, ''), sector.title, NULL,
       text(e.user_id), e.created, TRUE, FALSE, e.modified
FROM persons_contact AS c
JOIN creme_core_cremeentity AS e ON e.id = c.cremeentity_ptr_id AND NOT e.is_deleted
JOIN buyers AS b ON b.contact_id = c.cremeentity_ptr_id
LEFT JOIN persons_address AS a ON a.id = c.billing_address_id
LEFT JOIN persons_sector AS sector ON sector.id = c.sector_id
WHERE c.is_user_id IS NULL
