SELECT a.id AS customer_id, a.name AS name,
       CASE WHEN a.is_person_account THEN 'person' ELSE 'company' END AS kind,
       a.person_email AS email, a.phone AS phone,
       CASE WHEN length(a.billing_country_code) = 2 THEN upper(a.billing_country_code)
            WHEN length(a.billing_country) = 2 THEN upper(a.billing_country)
            ELSE mapped(a.billing_country, 'country') END AS country,
       a.billing_city AS city, a.industry AS industry, a.type AS segment, u.id AS owner_id,
       CASE WHEN a.number_of_employees <= 0 THEN NULL WHEN a.number_of_employees < 10 THEN '1-9'
            WHEN a.number_of_employees < 50 THEN '10-49' WHEN a.number_of_employees < 250 THEN '50-249'
            WHEN a.number_of_employees < 1000 THEN '250-999' WHEN a.number_of_employees >= 1000 THEN '1000+' END AS size_band,
       channel(coalesce(a.account_source, '')) AS acquired_channel, parent.id AS parent_customer_id,
       coalesce(a.created_date, a.last_modified_date, a._fivetran_synced) AS first_seen_at, TRUE AS is_active,
       -- the key by which companies of several systems are joined
       nullif(replace(replace(replace(replace(lower(trim(a.website)), 'https://', ''), 'http://', ''), 'www.', ''), '/', ''), '') AS x_domain,
       a.last_modified_date AS updated_at
FROM account AS a
LEFT JOIN "user" AS u ON u.id = a.owner_id AND coalesce(u._fivetran_active, TRUE)
LEFT JOIN account AS parent ON parent.id = a.parent_id AND NOT coalesce(parent.is_deleted, FALSE)
                               AND coalesce(parent._fivetran_active, TRUE)
WHERE NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
