-- Members who left stay: history belongs to them.
SELECT text(m.id) AS user_id,
       coalesce(nullif(trim(concat(m."nameFirstName", ' ', m."nameLastName")), ''), m."userEmail", text(m.id)) AS name,
       nullif(m."userEmail", '') AS email, m."deletedAt" IS NULL AS is_active
FROM "workspaceMember" AS m
