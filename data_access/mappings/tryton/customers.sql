-- Parties; the companies and their employees are marked. A party that was merged says into which one.
WITH way AS (
  SELECT m.party, m.type, m.value, row_number() OVER (PARTITION BY m.party, m.type ORDER BY coalesce(m.sequence, 0), m.id) AS place
  FROM party_contact_mechanism AS m WHERE coalesce(m.active, TRUE) AND m.type IN ('email', 'phone', 'mobile')
),
home AS (
  SELECT a.party, a.city, a.country, a.subdivision, row_number() OVER (PARTITION BY a.party ORDER BY coalesce(a.sequence, 0), a.id) AS place
  FROM party_address AS a WHERE coalesce(a.active, TRUE)
)
SELECT text(p.id) AS customer_id, coalesce(p.name, p.code) AS name, mail.value AS email, coalesce(phone.value, mobile.value) AS phone,
       country.code AS country, area.name AS region, home.city AS city, coalesce(p.create_date, p.write_date) AS first_seen_at,
       coalesce(p.active, TRUE) AS is_active, own.party IS NOT NULL AS is_own_company, text(p.replaced_by) AS merged_into_id,
       p.write_date AS updated_at
FROM party_party AS p
LEFT JOIN way AS mail ON mail.party = p.id AND mail.type = 'email' AND mail.place = 1
LEFT JOIN way AS phone ON phone.party = p.id AND phone.type = 'phone' AND phone.place = 1
LEFT JOIN way AS mobile ON mobile.party = p.id AND mobile.type = 'mobile' AND mobile.place = 1
LEFT JOIN home ON home.party = p.id AND home.place = 1
LEFT JOIN country_country AS country ON country.id = home.country
LEFT JOIN country_subdivision AS area ON area.id = home.subdivision
LEFT JOIN (SELECT party FROM company_company UNION SELECT party FROM company_employee) AS own ON own.party = p.id
