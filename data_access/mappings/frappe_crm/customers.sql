SELECT o.name AS customer_id, coalesce(nullif(trim(o.organization_name), ''), o.name) AS name, 'company' AS kind, NULL AS email,
       NULL AS phone, upper(country.code) AS country, nullif(o.territory, '') AS region, nullif(a.city, '') AS city,
       nullif(o.industry, '') AS industry, nullif(o.no_of_employees, '') AS size_band,
       to_utc(o.creation, setting('timezone')) AS first_seen_at, TRUE AS is_active,
       mapped(o.name, 'own_company') IS NOT NULL AS is_own_company,
       -- the key by which companies of several systems are joined
       nullif(replace(replace(replace(replace(lower(trim(o.website)), 'https://', ''), 'http://', ''), 'www.', ''), '/', ''), '') AS x_domain,
       to_utc(o.modified, setting('timezone')) AS updated_at
FROM "CRM Organization" AS o
LEFT JOIN "Address" AS a ON a.name = o.address
LEFT JOIN "Country" AS country ON country.name = a.country
UNION ALL
SELECT concat('contact:', p.id), p.full_name, 'person', p.email, p.phone, NULL, NULL, NULL, NULL, NULL, p.created_at, TRUE, FALSE,
       NULL, p.updated_at
FROM people AS p
WHERE p.alone IS NOT NULL
