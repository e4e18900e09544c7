-- The billing unit is the account. What is looked up once for each account is a subquery, which costs nothing unless asked.
SELECT a.id AS customer_id, a.name AS name, 'company' AS kind,
       (SELECT m.email_address FROM mail AS m WHERE m.bean_id = a.id AND m.bean_module = 'Accounts'
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1) AS email,
       nullif(trim(a.phone_office), '') AS phone,
       CASE WHEN length(trim(a.billing_address_country)) = 2
            THEN coalesce(mapped(a.billing_address_country, 'country'), upper(trim(a.billing_address_country)))
            ELSE mapped(a.billing_address_country, 'country') END AS country,
       nullif(trim(a.billing_address_state), '') AS region, nullif(trim(a.billing_address_city), '') AS city,
       nullif(trim(a.industry), '') AS industry, nullif(trim(a.employees), '') AS size_band,
       nullif(trim(a.account_type), '') AS segment, owner.id AS owner_id,
       coalesce(channel(campaign.campaign_type),
                (SELECT channel(l.lead_source) FROM leads AS l WHERE l.account_id = a.id AND l.deleted = 0
                 ORDER BY l.date_entered, l.id LIMIT 1)) AS acquired_channel,
       campaign.id AS acquired_campaign_id, parent.id AS parent_customer_id,
       coalesce(a.date_entered, a.date_modified) AS first_seen_at, TRUE AS is_active,
       mapped(a.id, 'own_company') IS NOT NULL AS is_own_company,
       (SELECT CASE m.consent WHEN 'no' THEN FALSE WHEN 'yes' THEN TRUE END
        FROM mail AS m WHERE m.bean_id = a.id AND m.bean_module = 'Accounts'
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1) AS consent_marketing,
       a.date_modified AS updated_at
FROM accounts AS a
LEFT JOIN users AS owner ON owner.id = a.assigned_user_id
LEFT JOIN campaigns AS campaign ON campaign.id = a.campaign_id AND campaign.deleted = 0
LEFT JOIN accounts AS parent ON parent.id = a.parent_id AND parent.deleted = 0 AND parent.id <> a.id
WHERE a.deleted = 0
