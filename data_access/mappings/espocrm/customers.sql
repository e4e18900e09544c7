SELECT a.id AS customer_id, a.name AS name, 'company' AS kind,
       (SELECT m.email FROM mail AS m WHERE m.entity_id = a.id AND m.entity_type = 'Account'
        ORDER BY m.is_primary DESC, m.address_id LIMIT 1) AS email,
       CASE WHEN length(a.billing_address_country) = 2 THEN upper(a.billing_address_country) END AS country,
       nullif(a.billing_address_state, '') AS region, nullif(a.billing_address_city, '') AS city,
       nullif(a.industry, '') AS industry, nullif(a.type, '') AS segment, owner.id AS owner_id,
       campaign.id AS acquired_campaign_id, a.created_at AS first_seen_at, TRUE AS is_active, FALSE AS is_own_company,
       a.modified_at AS updated_at
FROM account AS a
LEFT JOIN "user" AS owner ON owner.id = a.assigned_user_id
LEFT JOIN campaign ON campaign.id = a.campaign_id AND NOT campaign.deleted
WHERE NOT a.deleted
