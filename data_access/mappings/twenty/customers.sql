SELECT c.id AS customer_id, coalesce(nullif(trim(o.name), ''), c.domain, c.id) AS name, 'company' AS kind, NULL AS email, NULL AS phone,
       CASE WHEN length(o."addressAddressCountry") = 2 THEN upper(o."addressAddressCountry") END AS country,
       nullif(o."addressAddressState", '') AS region, nullif(o."addressAddressCity", '') AS city,
       CASE WHEN o.employees <= 0 THEN NULL WHEN o.employees < 10 THEN '1-9' WHEN o.employees < 50 THEN '10-49'
            WHEN o.employees < 250 THEN '50-249' WHEN o.employees < 1000 THEN '250-999' WHEN o.employees >= 1000 THEN '1000+' END AS size_band,
       text(m.id) AS owner_id, o."createdAt" AS first_seen_at, TRUE AS is_active, c.is_own = 1 AS is_own_company,
       -- the key by which companies of several systems are joined
       c.domain AS x_domain, o."updatedAt" AS updated_at
FROM companies AS c
JOIN company AS o ON text(o.id) = c.id
LEFT JOIN "workspaceMember" AS m ON m.id = o."accountOwnerId"
UNION ALL
SELECT p.customer_id, p.full_name, 'person', p.email, p.phone, NULL, NULL, NULL, NULL, NULL, p.created_at, TRUE, FALSE, NULL, p.updated_at
FROM people AS p
WHERE p.company_id IS NULL AND p.alone IS NOT NULL
UNION ALL
-- at a company, but with a deal without it
SELECT concat('contact:', p.id), p.full_name, 'person', p.email, p.phone, NULL, NULL, NULL, NULL, NULL, p.created_at, TRUE, FALSE, NULL,
       p.updated_at
FROM people AS p
WHERE p.company_id IS NOT NULL AND p.alone IS NOT NULL
