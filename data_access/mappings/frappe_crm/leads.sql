-- A lead that was converted is one by its flag; a deal that names it says when, and which it became.
WITH became AS (
    SELECT d.lead AS lead_id, min(d.name) AS deal, min(d.creation) AS written FROM "CRM Deal" AS d WHERE d.lead <> '' GROUP BY d.lead
),
qualified AS (
    SELECT l.parent AS lead_id, min(CASE WHEN c.is_utc = 1 THEN l.from_date ELSE to_utc(l.from_date, setting('timezone')) END) AS at
    FROM "CRM Status Change Log" AS l
    JOIN "CRM Lead Status" AS s ON s.name = l."from"
    CROSS JOIN log_clock AS c
    WHERE l.parenttype = 'CRM Lead'
      AND coalesce(mapped(s.type, 'lead_type'), mapped(l."from", 'lead_status')) = 'qualified'
    GROUP BY l.parent
)
SELECT p.name AS lead_id, o.name AS customer_id, who.id AS contact_id, coalesce(nullif(p.lead_name, ''), p.name) AS name,
       email_key(nullif(p.email, '')) AS email_key, nullif(p.source, '') AS source_raw, channel(coalesce(p.source, '')) AS channel,
       owner.name AS owner_id, p.status AS status_raw,
       CASE WHEN p.converted = 1 OR became.deal IS NOT NULL THEN 'converted'
            ELSE coalesce(mapped(s.type, 'lead_type'), mapped(p.status, 'lead_status')) END AS status,
       to_utc(p.creation, setting('timezone')) AS created_at, to_utc(p.first_responded_on, setting('timezone')) AS first_response_at,
       CASE WHEN q.at >= to_utc(p.creation, setting('timezone')) THEN q.at
            WHEN q.at IS NOT NULL THEN to_utc(p.creation, setting('timezone')) END AS qualified_at,
       to_utc(became.written, setting('timezone')) AS converted_at, became.deal AS converted_opportunity_id,
       CASE WHEN p.converted = 1 OR became.deal IS NOT NULL THEN NULL ELSE nullif(p.lost_reason, '') END AS lost_reason,
       to_utc(p.modified, setting('timezone')) AS updated_at
FROM "CRM Lead" AS p
LEFT JOIN "CRM Lead Status" AS s ON s.name = p.status
LEFT JOIN became ON became.lead_id = p.name
LEFT JOIN qualified AS q ON q.lead_id = p.name
LEFT JOIN "CRM Deal" AS deal ON deal.name = became.deal
LEFT JOIN "CRM Organization" AS o ON o.name = deal.organization
LEFT JOIN deal_person AS chosen ON chosen.deal = deal.name
LEFT JOIN people AS who ON who.id = chosen.contact
LEFT JOIN "User" AS owner ON owner.name = p.lead_owner AND owner.user_type = 'System User'
