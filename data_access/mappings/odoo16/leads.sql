-- What is still a lead, was given up as one, or became a deal (the same row in both tables). A lead that was archived without
-- being lost is put away and left out.
SELECT text(l.id) AS lead_id, p.customer_id AS customer_id, p.contact_id AS contact_id, l.name AS name, email_key(l.email) AS email_key,
       l.source_raw AS source_raw, l.channel AS channel, l.campaign AS campaign_id, text(l.user_id) AS owner_id,
       CASE WHEN l.is_deal THEN 'converted' WHEN NOT l.active THEN 'lost' WHEN l.date_open IS NULL THEN 'unassigned' ELSE 'assigned' END AS status_raw,
       CASE WHEN l.is_deal THEN 'converted' WHEN NOT l.active THEN 'disqualified' WHEN l.date_open IS NULL THEN 'new' ELSE 'working' END AS status,
       l.create_date AS created_at, CASE WHEN answer.first_at >= l.create_date THEN answer.first_at END AS first_response_at,
       CASE WHEN l.is_deal THEN l.date_conversion END AS converted_at,
       CASE WHEN l.is_deal THEN text(l.id) END AS converted_opportunity_id,
       CASE WHEN NOT l.is_deal AND NOT l.active THEN i18n(reason.name) END AS lost_reason, l.write_date AS updated_at
FROM lead_or_deal AS l
LEFT JOIN partner AS p ON p.id = l.partner_id
LEFT JOIN crm_lost_reason AS reason ON reason.id = l.lost_reason_id
LEFT JOIN answer ON answer.model = 'crm.lead' AND answer.res_id = l.id
WHERE l.is_lead
