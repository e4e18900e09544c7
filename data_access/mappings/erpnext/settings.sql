-- Single documents are rows of field and value. The company is the default one, else the first.
SELECT coalesce((SELECT c.default_currency FROM "Company" AS c
                 WHERE c.name = (SELECT max(s.value) FROM "Singles" AS s WHERE s.doctype = 'Global Defaults' AND s.field = 'default_company')),
                (SELECT c.default_currency FROM "Company" AS c WHERE c.name = (SELECT min(f.name) FROM "Company" AS f))) AS base_currency,
       coalesce(max(CASE WHEN s.doctype = 'System Settings' AND s.field = 'time_zone' THEN nullif(trim(s.value), '') END), 'UTC') AS timezone,
       whole(substring(text((SELECT max(y.year_start_date) FROM "Fiscal Year" AS y)), 6, 2)) AS fiscal_year_start_month
FROM "Singles" AS s
