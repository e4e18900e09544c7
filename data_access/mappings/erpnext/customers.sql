-- Customers that stand for companies of the group are the company itself: invoices between them are no revenue.
SELECT c.name AS customer_id, coalesce(nullif(trim(c.customer_name), ''), c.name) AS name,
       CASE WHEN c.customer_type = 'Individual' THEN 'person' ELSE 'company' END AS kind,
       CASE WHEN c.customer_type = 'Individual' THEN nullif(c.email_id, '') END AS email, nullif(c.mobile_no, '') AS phone,
       upper(country.code) AS country, nullif(c.territory, '') AS region, nullif(a.city, '') AS city,
       nullif(c.industry, '') AS industry, coalesce(nullif(c.market_segment, ''), nullif(c.customer_group, '')) AS segment,
       u.name AS owner_id, to_utc(c.creation, setting('timezone')) AS first_seen_at, coalesce(c.disabled, 0) <> 1 AS is_active,
       coalesce(c.is_internal_customer, 0) = 1 AS is_own_company,
       -- the key by which companies of several systems are joined
       nullif(replace(replace(replace(replace(lower(trim(c.website)), 'https://', ''), 'http://', ''), 'www.', ''), '/', ''), '') AS x_domain,
       to_utc(c.modified, setting('timezone')) AS updated_at
FROM "Customer" AS c
LEFT JOIN "Address" AS a ON a.name = c.customer_primary_address
LEFT JOIN "Country" AS country ON country.name = a.country
LEFT JOIN "User" AS u ON u.name = c.account_manager AND u.user_type = 'System User'
