WITH domains AS (
    SELECT d.organization_id AS organization_id, MIN(lower(d.domain_name)) AS domain_name
    FROM domain_name AS d
    GROUP BY d.organization_id
)
SELECT concat('organization:', text(o.id)) AS customer_id, coalesce(o.name, text(o.id)) AS name, 'company' AS kind,
       NULL AS email, NULL AS phone, o.created_at AS first_seen_at, TRUE AS is_active,
       -- the key by which companies of several systems are joined
       d.domain_name AS x_domain, o.updated_at AS updated_at
FROM organization AS o
LEFT JOIN domains AS d ON d.organization_id = o.id
WHERE NOT coalesce(o._fivetran_deleted, FALSE)
UNION ALL
SELECT p.customer_id AS customer_id, coalesce(u.name, u.email, text(u.id)) AS name, 'person' AS kind, u.email AS email,
       u.phone AS phone, u.created_at AS first_seen_at, coalesce(u.active, TRUE) AND NOT coalesce(u.suspended, FALSE) AS is_active,
       NULL AS x_domain, u.updated_at AS updated_at
FROM people AS p
JOIN "user" AS u ON u.id = p.id
WHERE p.organization_id IS NULL
