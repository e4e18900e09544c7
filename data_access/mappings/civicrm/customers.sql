-- Everybody: persons, households and organisations give in their own name.
WITH phones AS (
    SELECT f.contact_id AS contact_id, MIN(f.phone) AS phone FROM phone AS f WHERE f.is_primary GROUP BY f.contact_id
), places AS (
    SELECT a.contact_id AS contact_id, MIN(k.iso_code) AS country, MIN(a.city) AS city
    FROM address AS a LEFT JOIN country AS k ON k.id = a.country_id
    WHERE a.is_primary
    GROUP BY a.contact_id
), organisations AS (
    SELECT d.contact_id AS contact_id FROM domain AS d
)
SELECT text(p.id) AS customer_id, coalesce(p.name, p.email, text(p.id)) AS name,
       CASE WHEN p.contact_type = 'Organization' THEN 'company' ELSE 'person' END AS kind, p.email AS email, f.phone AS phone,
       a.country AS country, a.city AS city, p.contact_type AS segment,
       coalesce(c.created_date, c.modified_date) AS first_seen_at, NOT coalesce(c.is_deceased, FALSE) AS is_active,
       own.contact_id IS NOT NULL AS is_own_company, NOT c.is_opt_out AS consent_marketing, c.modified_date AS updated_at
FROM people AS p
JOIN contact AS c ON c.id = p.id
LEFT JOIN phones AS f ON f.contact_id = p.id
LEFT JOIN places AS a ON a.contact_id = p.id
LEFT JOIN organisations AS own ON own.contact_id = p.id
