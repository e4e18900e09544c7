-- Everybody who has an account, and guests by their e-mail.
WITH places AS (
    SELECT a.customer_id AS customer_id, MIN(a.country_code) AS country_code, MIN(a.city) AS city
    FROM customer_address AS a
    WHERE a.is_default
    GROUP BY a.customer_id
), guests AS (
    SELECT email_key(o.email) AS email_key, MIN(o.email) AS email, MIN(o.shipping_address_country_code) AS country_code,
           MIN(coalesce(o.processed_at, o.created_at)) AS first_at
    FROM "order" AS o
    LEFT JOIN customer AS c ON c.id = o.customer_id AND NOT coalesce(c._fivetran_deleted, FALSE)
    LEFT JOIN customer AS same ON lower(same.email) = lower(o.email) AND NOT coalesce(same._fivetran_deleted, FALSE)
    WHERE c.id IS NULL AND same.id IS NULL AND o.email <> '' AND NOT coalesce(o._fivetran_deleted, FALSE)
    GROUP BY email_key(o.email)
)
SELECT text(c.id) AS customer_id,
       coalesce(nullif(trim(concat(c.first_name, ' ', c.last_name)), ''), c.email, text(c.id)) AS name, 'person' AS kind,
       c.email AS email, c.phone AS phone, upper(p.country_code) AS country, p.city AS city,
       coalesce(c.created_at, c._fivetran_synced) AS first_seen_at,
       CASE WHEN c.email_marketing_consent_state IS NOT NULL THEN lower(c.email_marketing_consent_state) = 'subscribed'
            ELSE c.accepts_marketing END AS consent_marketing, c.updated_at AS updated_at
FROM customer AS c
LEFT JOIN places AS p ON p.customer_id = c.id
WHERE NOT coalesce(c._fivetran_deleted, FALSE)
UNION ALL
SELECT concat('guest:', g.email_key) AS customer_id, g.email AS name, 'person' AS kind, g.email AS email, NULL AS phone,
       upper(g.country_code) AS country, NULL AS city, g.first_at AS first_seen_at, NULL AS consent_marketing, NULL AS updated_at
FROM guests AS g
