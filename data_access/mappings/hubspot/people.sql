-- Contacts that are there: those that were merged into another one are not. Who has no company is a customer in person.
SELECT c.id AS id, company.id AS company_id,
       CASE WHEN company.id IS NOT NULL THEN text(company.id) ELSE concat('contact:', text(c.id)) END AS customer_id,
       c.property_email AS email, trim(concat(c.property_firstname, ' ', c.property_lastname)) AS full_name
FROM contact AS c
LEFT JOIN company AS company ON company.id = c.property_associatedcompanyid AND NOT coalesce(company.is_deleted, FALSE)
                                AND NOT coalesce(company._fivetran_deleted, FALSE)
WHERE NOT coalesce(c._fivetran_deleted, FALSE) AND NOT coalesce(c.is_deleted, FALSE)
  AND NOT EXISTS (SELECT 1 FROM contact_merges AS m WHERE m.vid_to_merge = c.id)
