-- Converted by status or by flag: either is set without the other here and there (x_conversion says which).
WITH conversions AS (
    SELECT a.parent_id, max(a.date_created) AS converted_at
    FROM leads_audit AS a
    WHERE a.field_name = 'status' AND mapped(a.after_value_string, 'lead_status') = 'converted'
    GROUP BY a.parent_id
)
SELECT l.id AS lead_id, customer.id AS customer_id, person.id AS contact_id,
       coalesce(nullif(trim(concat(l.first_name, ' ', l.last_name)), ''), nullif(trim(l.account_name), '')) AS name,
       email_key((SELECT m.email_address FROM mail AS m WHERE m.bean_id = l.id AND m.bean_module = 'Leads'
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1)) AS email_key, nullif(trim(l.lead_source), '') AS source_raw,
       coalesce(CASE WHEN lower(trim(l.lead_source)) = 'campaign' THEN channel(campaign.campaign_type) END,
                channel(l.lead_source), channel(campaign.campaign_type)) AS channel,
       campaign.id AS campaign_id, owner.id AS owner_id, coalesce(l.status, '') AS status_raw,
       CASE WHEN l.converted = 1 THEN 'converted' ELSE mapped(coalesce(l.status, ''), 'lead_status') END AS status,
       coalesce(l.date_entered, l.date_modified) AS created_at,
       CASE WHEN l.converted = 1 OR mapped(coalesce(l.status, ''), 'lead_status') = 'converted' THEN
            coalesce(CASE WHEN c.converted_at >= l.date_entered THEN c.converted_at END,
                     CASE WHEN deal.date_entered >= l.date_entered THEN deal.date_entered END,
                     CASE WHEN person.date_entered >= l.date_entered THEN person.date_entered END,
                     CASE WHEN customer.date_entered >= l.date_entered THEN customer.date_entered END) END AS converted_at,
       deal.id AS converted_opportunity_id,
       CASE WHEN l.converted = 1 AND mapped(coalesce(l.status, ''), 'lead_status') <> 'converted' THEN 'flag only'
            WHEN coalesce(l.converted, 0) = 0 AND mapped(coalesce(l.status, ''), 'lead_status') = 'converted'
                 THEN 'status only' END AS x_conversion,
       l.date_modified AS updated_at
FROM leads AS l
LEFT JOIN conversions AS c ON c.parent_id = l.id
LEFT JOIN accounts AS customer ON customer.id = l.account_id AND customer.deleted = 0
LEFT JOIN contacts AS person ON person.id = l.contact_id AND person.deleted = 0
LEFT JOIN opportunities AS deal ON deal.id = l.opportunity_id AND deal.deleted = 0
LEFT JOIN users AS owner ON owner.id = l.assigned_user_id
LEFT JOIN campaigns AS campaign ON campaign.id = l.campaign_id AND campaign.deleted = 0
WHERE l.deleted = 0
