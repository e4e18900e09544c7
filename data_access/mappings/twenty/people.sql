-- People who are there, without the members themselves. Who has a deal without a company is a customer in person.
WITH alone AS (
    SELECT DISTINCT text(o."pointOfContactId") AS id
    FROM opportunity AS o
    LEFT JOIN companies AS c ON c.id = text(o."companyId")
    WHERE o."deletedAt" IS NULL AND o."pointOfContactId" IS NOT NULL AND c.id IS NULL
)
SELECT text(p.id) AS id, c.id AS company_id,
       coalesce(c.id, CASE WHEN alone.id IS NOT NULL THEN concat('contact:', alone.id) END) AS customer_id, alone.id AS alone,
       coalesce(nullif(trim(concat(p."nameFirstName", ' ', p."nameLastName")), ''), nullif(p."emailsPrimaryEmail", ''), text(p.id)) AS full_name,
       nullif(p."emailsPrimaryEmail", '') AS email,
       nullif(trim(concat(p."phonesPrimaryPhoneCallingCode", ' ', p."phonesPrimaryPhoneNumber")), '') AS phone,
       nullif(p."jobTitle", '') AS job_title, p."createdAt" AS created_at, p."updatedAt" AS updated_at
FROM person AS p
LEFT JOIN companies AS c ON c.id = text(p."companyId")
LEFT JOIN alone ON alone.id = text(p.id)
WHERE p."deletedAt" IS NULL
  AND NOT EXISTS (SELECT 1 FROM "workspaceMember" AS m WHERE lower(m."userEmail") = lower(p."emailsPrimaryEmail"))
