SELECT text(c.id) AS customer_id, c.property_name AS name, 'company' AS kind, NULL AS email, c.property_phone AS phone,
       CASE WHEN length(c.property_country) = 2 THEN upper(c.property_country) ELSE mapped(c.property_country, 'country') END AS country,
       c.property_city AS city, c.property_industry AS industry, c.property_type AS segment,
       CASE WHEN c.property_numberofemployees <= 0 THEN NULL WHEN c.property_numberofemployees < 10 THEN '1-9'
            WHEN c.property_numberofemployees < 50 THEN '10-49' WHEN c.property_numberofemployees < 250 THEN '50-249'
            WHEN c.property_numberofemployees < 1000 THEN '250-999'
            WHEN c.property_numberofemployees >= 1000 THEN '1000+' END AS size_band,
       c.property_lifecyclestage AS lifecycle, text(o.owner_id) AS owner_id,
       channel(coalesce(c.property_hs_analytics_source, '')) AS acquired_channel, text(parent.id) AS parent_customer_id,
       coalesce(c.property_createdate, c._fivetran_synced) AS first_seen_at, NULL AS consent_marketing,
       -- the key by which companies of several systems are joined
       lower(c.property_domain) AS x_domain, c.property_hs_lastmodifieddate AS updated_at
FROM company AS c
LEFT JOIN owner AS o ON o.owner_id = c.property_hubspot_owner_id
LEFT JOIN company AS parent ON parent.id = c.property_hs_parent_company_id AND NOT coalesce(parent.is_deleted, FALSE)
                               AND NOT coalesce(parent._fivetran_deleted, FALSE)
WHERE NOT coalesce(c.is_deleted, FALSE) AND NOT coalesce(c._fivetran_deleted, FALSE)
UNION ALL
SELECT p.customer_id AS customer_id, CASE WHEN p.full_name <> '' THEN p.full_name ELSE coalesce(p.email, p.customer_id) END AS name,
       'person' AS kind, p.email AS email, c.property_phone AS phone,
       CASE WHEN length(c.property_country) = 2 THEN upper(c.property_country) ELSE mapped(c.property_country, 'country') END AS country,
       c.property_city AS city, NULL AS industry, NULL AS segment, NULL AS size_band,
       c.property_lifecyclestage AS lifecycle, text(o.owner_id) AS owner_id,
       channel(coalesce(c.property_hs_analytics_source, '')) AS acquired_channel, NULL AS parent_customer_id,
       coalesce(c.property_createdate, c.property_created_at, c._fivetran_synced) AS first_seen_at,
       NOT c.property_hs_email_optout AS consent_marketing, NULL AS x_domain, c.property_lastmodifieddate AS updated_at
FROM people AS p
JOIN contact AS c ON c.id = p.id
LEFT JOIN owner AS o ON o.owner_id = c.property_hubspot_owner_id
WHERE p.company_id IS NULL
