-- An amount of 0 was not entered. `annual_revenue` is the customer's, not the deal's. Rates multiply, fixed for each deal.
WITH closings AS (
    SELECT s.deal, max(CASE WHEN s.outcome_before IS NULL OR s.outcome_before <> s.outcome THEN s.at END) AS at
    FROM stays AS s
    GROUP BY s.deal
),
deals AS (
    SELECT d.name AS id, CASE WHEN s.outcome = 'won'
                THEN coalesce(nullif(d.deal_value, 0), nullif(d.expected_deal_value, 0), nullif(d.net_total, 0))
                ELSE coalesce(nullif(d.expected_deal_value, 0), nullif(d.deal_value, 0), nullif(d.net_total, 0)) END AS amount,
           coalesce(nullif(d.currency, ''), setting('base_currency')) AS currency, s.outcome AS outcome
    FROM "CRM Deal" AS d
    JOIN stages AS s ON s.stage_id = d.status
)
SELECT d.name AS opportunity_id, coalesce(o.organization_name, who.full_name, d.name) AS name,
       coalesce(o.name, CASE WHEN who.alone IS NOT NULL THEN concat('contact:', who.id) END) AS customer_id, who.id AS contact_id,
       p.name AS lead_id, owner.name AS owner_id, 'sales' AS pipeline_id, d.status AS stage_id, n.outcome AS outcome,
       n.amount AS amount, CASE WHEN n.amount IS NOT NULL THEN n.currency END AS currency,
       CASE WHEN n.currency = setting('base_currency') THEN n.amount ELSE n.amount * nullif(d.exchange_rate, 0) END AS amount_base,
       CASE WHEN d.probability BETWEEN 0 AND 100 THEN d.probability / 100 END AS probability, nullif(d.source, '') AS source_raw,
       channel(coalesce(d.source, '')) AS channel, to_utc(d.creation, setting('timezone')) AS created_at,
       coalesce(d.expected_closure_date, d.close_date) AS expected_close_date,
       CASE WHEN n.outcome <> 'open' THEN c.at END AS closed_at,
       CASE WHEN n.outcome = 'lost' THEN nullif(d.lost_reason, '') END AS lost_reason,
       to_utc(d.modified, setting('timezone')) AS updated_at
FROM deals AS n
JOIN "CRM Deal" AS d ON d.name = n.id
LEFT JOIN closings AS c ON c.deal = d.name
LEFT JOIN "CRM Organization" AS o ON o.name = d.organization
LEFT JOIN deal_person AS chosen ON chosen.deal = d.name
LEFT JOIN people AS who ON who.id = chosen.contact
LEFT JOIN "CRM Lead" AS p ON p.name = d.lead
LEFT JOIN "User" AS owner ON owner.name = d.deal_owner AND owner.user_type = 'System User'
