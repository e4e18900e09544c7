-- Who is billed: a contact's commercial partner. The companies' own records and their people, whom contacts of their own
-- may belong to, are marked, so that nothing of theirs is counted; portal users are customers like others.
SELECT text(p.id) AS customer_id, coalesce(p.name, p.display_name, p.email, text(p.id)) AS name,
       CASE WHEN p.is_company THEN 'company' ELSE 'person' END AS kind,
       p.email AS email, email_key(coalesce(p.email_normalized, p.email)) AS email_key, coalesce(p.phone, p.mobile) AS phone, country.code AS country, state.name AS region, p.city AS city,
       i18n(industry.name) AS industry, text(p.user_id) AS owner_id, text(above.commercial_partner_id) AS parent_customer_id,
       coalesce(p.create_date, p.write_date, from_epoch(0)) AS first_seen_at, coalesce(p.active, TRUE) AS is_active,
       own.partner_id IS NOT NULL AS is_own_company,
       CASE WHEN refusal.email IS NOT NULL THEN FALSE END AS consent_marketing,
       -- the key by which companies of several systems are joined
       CASE WHEN p.is_company
            THEN nullif(replace(replace(replace(replace(lower(trim(p.website)), 'https://', ''), 'http://', ''), 'www.', ''), '/', ''), '')
            END AS x_domain,
       p.write_date AS updated_at
FROM res_partner AS p
LEFT JOIN res_partner AS above ON above.id = p.parent_id AND above.commercial_partner_id <> p.id
LEFT JOIN res_country AS country ON country.id = p.country_id
LEFT JOIN res_country_state AS state ON state.id = p.state_id
LEFT JOIN res_partner_industry AS industry ON industry.id = p.industry_id
LEFT JOIN (
  SELECT partner_id FROM res_company
  UNION
  SELECT partner_id FROM res_users WHERE NOT share OR login IN ('public', 'portaltemplate')
) AS own ON own.partner_id = p.id
LEFT JOIN (SELECT email FROM mail_blacklist WHERE active GROUP BY email) AS refusal ON refusal.email = p.email_normalized
WHERE p.id = p.commercial_partner_id
