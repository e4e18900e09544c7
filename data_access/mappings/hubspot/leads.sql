-- HubSpot's leads are contacts by their lifecycle stage; the contact stays what it was.
WITH firsts AS (
    SELECT l.contact_id AS contact_id, MIN(l.deal_id) AS deal_id
    FROM deal_contact AS l JOIN deals AS d ON d.id = l.deal_id
    GROUP BY l.contact_id
), told AS (
    SELECT p.id AS id, p.customer_id AS customer_id, p.email AS email, p.full_name AS full_name,
           c.property_hs_analytics_source AS source, o.owner_id AS owner_id, c.property_lifecyclestage AS lifecycle,
           c.property_hs_lead_status AS lead_status, mapped(c.property_lifecyclestage, 'lead_stage') AS stage,
           mapped(c.property_hs_lead_status, 'lead_status') AS step,
           coalesce(c.property_createdate, c.property_created_at) AS created_at,
           coalesce(c.property_hs_lifecyclestage_marketingqualifiedlead_date,
                    c.property_hs_lifecyclestage_salesqualifiedlead_date) AS qualified_at,
           coalesce(c.property_hs_lifecyclestage_opportunity_date, c.property_hs_lifecyclestage_customer_date) AS converted_at,
           c.property_hs_sa_first_engagement_date AS engaged_at, f.deal_id AS deal_id,
           c.property_lastmodifieddate AS updated_at
    FROM people AS p
    JOIN contact AS c ON c.id = p.id
    LEFT JOIN owner AS o ON o.owner_id = c.property_hubspot_owner_id
    LEFT JOIN firsts AS f ON f.contact_id = p.id
)
SELECT text(t.id) AS lead_id, t.customer_id AS customer_id, text(t.id) AS contact_id, t.full_name AS name,
       email_key(t.email) AS email_key, t.source AS source_raw, channel(coalesce(t.source, '')) AS channel,
       text(t.owner_id) AS owner_id, coalesce(t.lead_status, t.lifecycle) AS status_raw,
       CASE WHEN t.stage = 'converted' OR t.step IS NULL THEN t.stage WHEN t.step = 'disqualified' THEN t.step
            WHEN t.stage = 'qualified' THEN t.stage ELSE t.step END AS status,
       t.created_at AS created_at, CASE WHEN t.engaged_at >= t.created_at THEN t.engaged_at END AS first_response_at,
       CASE WHEN t.qualified_at >= t.created_at THEN t.qualified_at END AS qualified_at,
       CASE WHEN t.stage = 'converted' AND t.converted_at >= t.created_at THEN t.converted_at END AS converted_at,
       CASE WHEN t.stage = 'converted' THEN text(t.deal_id) END AS converted_opportunity_id, t.updated_at AS updated_at
FROM told AS t
WHERE t.stage IS NOT NULL AND t.created_at IS NOT NULL
