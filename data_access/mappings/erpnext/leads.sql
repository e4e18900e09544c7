WITH became AS (
    SELECT o.party_name AS lead_id, min(o.name) AS deal, min(o.creation) AS written
    FROM "Opportunity" AS o
    WHERE o.opportunity_from = 'Lead'
    GROUP BY o.party_name
)
SELECT l.name AS lead_id, b.customer_id AS customer_id, coalesce(nullif(l.lead_name, ''), nullif(l.company_name, ''), l.name) AS name,
       email_key(nullif(l.email_id, '')) AS email_key, coalesce(nullif(l.source, ''), nullif(l.utm_source, '')) AS source_raw,
       channel(coalesce(nullif(l.source, ''), l.utm_source, '')) AS channel, k.name AS campaign_id, u.name AS owner_id,
       l.status AS status_raw,
       CASE WHEN became.deal IS NOT NULL OR b.customer_id IS NOT NULL THEN 'converted'
            WHEN l.qualification_status = 'Qualified' AND mapped(l.status, 'lead_status') IN ('new', 'working') THEN 'qualified'
            ELSE mapped(l.status, 'lead_status') END AS status,
       to_utc(l.creation, setting('timezone')) AS created_at,
       CASE WHEN to_utc(l.qualified_on, setting('timezone')) > to_utc(l.creation, setting('timezone')) THEN to_utc(l.qualified_on, setting('timezone'))
            WHEN l.qualified_on IS NOT NULL THEN to_utc(l.creation, setting('timezone')) END AS qualified_at,
       to_utc(coalesce(became.written, b.written), setting('timezone')) AS converted_at, became.deal AS converted_opportunity_id,
       to_utc(l.modified, setting('timezone')) AS updated_at
FROM "Lead" AS l
LEFT JOIN became ON became.lead_id = l.name
LEFT JOIN lead_buyer AS b ON b.lead_id = l.name
LEFT JOIN "Campaign" AS k ON k.name = coalesce(nullif(l.campaign_name, ''), l.utm_campaign)
LEFT JOIN "User" AS u ON u.name = l.lead_owner AND u.user_type = 'System User'
