SELECT l.id AS lead_id, account.id AS customer_id, person.id AS contact_id,
       coalesce(nullif(trim(concat(l.first_name, ' ', l.last_name)), ''), l.account_name) AS name,
       email_key((SELECT m.email FROM mail AS m WHERE m.entity_id = l.id AND m.entity_type = 'Lead'
        ORDER BY m.is_primary DESC, m.address_id LIMIT 1)) AS email_key,
       nullif(l.source, '') AS source_raw, channel(l.source) AS channel, campaign.id AS campaign_id, owner.id AS owner_id,
       coalesce(l.status, '') AS status_raw, mapped(coalesce(l.status, ''), 'lead_status') AS status, l.created_at AS created_at,
       CASE WHEN mapped(coalesce(l.status, ''), 'lead_status') = 'converted' THEN coalesce(l.converted_at, deal.created_at) END AS converted_at,
       deal.id AS converted_opportunity_id, l.modified_at AS updated_at
FROM "lead" AS l
LEFT JOIN account ON account.id = l.created_account_id AND NOT account.deleted
LEFT JOIN contact AS person ON person.id = l.created_contact_id AND NOT person.deleted
LEFT JOIN opportunity AS deal ON deal.id = l.created_opportunity_id AND NOT deal.deleted
LEFT JOIN campaign ON campaign.id = l.campaign_id AND NOT campaign.deleted
LEFT JOIN "user" AS owner ON owner.id = l.assigned_user_id
WHERE NOT l.deleted
