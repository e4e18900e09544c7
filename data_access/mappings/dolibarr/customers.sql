-- Customers and prospects; suppliers alone are none. The first of several sellers looks after a customer.
WITH sellers AS (
    SELECT c.fk_soc AS fk_soc, MIN(c.fk_user) AS fk_user FROM societe_commerciaux AS c GROUP BY c.fk_soc
)
SELECT text(s.rowid) AS customer_id, s.nom AS name, 'company' AS kind, s.email AS email, s.phone AS phone,
       c.code AS country, s.town AS city, size.label AS size_band, CASE s.client WHEN 2 THEN 'prospect' ELSE 'customer' END AS lifecycle,
       text(u.rowid) AS owner_id, text(above.rowid) AS parent_customer_id,
       to_utc(coalesce(s.datec, s.tms), setting('timezone')) AS first_seen_at, coalesce(s.status, 1) = 1 AS is_active,
       to_utc(s.tms, setting('timezone')) AS updated_at
FROM societe AS s
LEFT JOIN c_country AS c ON c.rowid = s.fk_pays
LEFT JOIN c_effectif AS size ON size.id = s.fk_effectif
LEFT JOIN sellers AS seller ON seller.fk_soc = s.rowid
LEFT JOIN "user" AS u ON u.rowid = seller.fk_user
LEFT JOIN societe AS above ON above.rowid = s.parent AND above.client IN (1, 2, 3)
WHERE s.client IN (1, 2, 3) AND mapped(s.entity, 'entity') = 'yes'
