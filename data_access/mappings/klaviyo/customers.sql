SELECT p.id AS customer_id, coalesce(nullif(trim(concat(p.first_name, ' ', p.last_name)), ''), p.email, p.id) AS name,
       'person' AS kind, p.email AS email, p.phone_number AS phone,
       CASE WHEN length(p.country) = 2 THEN upper(p.country) ELSE mapped(p.country, 'country') END AS country, p.city AS city,
       p.created AS first_seen_at, p.updated AS updated_at
FROM person AS p
WHERE NOT coalesce(p._fivetran_deleted, FALSE)
