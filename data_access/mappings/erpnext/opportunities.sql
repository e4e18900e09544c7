-- An amount of 0 was not entered. `conversion_rate` leads to the currency of the deal's company, and a rate of the day from there.
WITH closings AS (
    SELECT s.deal, max(CASE WHEN s.outcome_before IS NULL OR s.outcome_before <> s.outcome THEN s.at END) AS at
    FROM stays AS s
    GROUP BY s.deal
),
reasons AS (
    SELECT r.parent AS deal, min(r.lost_reason) AS reason
    FROM "Opportunity Lost Reason Detail" AS r
    WHERE r.parenttype = 'Opportunity'
    GROUP BY r.parent
),
deals AS (
    SELECT o.name AS id, coalesce(stage_outcome(o.status), 'open') AS outcome,
           CASE WHEN coalesce(stage_outcome(o.status), 'open') <> 'open' THEN concat('status:', o.status)
                ELSE coalesce(nullif(trim(o.sales_stage), ''), '(none)') END AS stage_id,
           coalesce(nullif(o.opportunity_amount, 0), nullif(o.total, 0)) AS amount,
           coalesce(nullif(o.currency, ''), company.default_currency, setting('base_currency')) AS currency,
           CASE WHEN coalesce(nullif(o.currency, ''), company.default_currency) = company.default_currency OR company.name IS NULL THEN 1
                ELSE nullif(o.conversion_rate, 0) END
           * CASE WHEN coalesce(company.default_currency, setting('base_currency')) = setting('base_currency') THEN 1 ELSE r.rate END AS rate
    FROM "Opportunity" AS o
    LEFT JOIN "Company" AS company ON company.name = o.company
    LEFT JOIN rate_span AS r ON r.currency = company.default_currency AND r.since <= day(o.creation) AND (r.until IS NULL OR r.until > day(o.creation))
)
SELECT o.name AS opportunity_id, coalesce(nullif(o.title, ''), nullif(o.customer_name, ''), o.name) AS name,
       coalesce(c.name, b.customer_id, p.customer_id) AS customer_id, person.id AS contact_id, l.name AS lead_id, u.name AS owner_id,
       t.name AS team_id, 'sales' AS pipeline_id, d.stage_id AS stage_id, d.outcome AS outcome, d.amount AS amount,
       CASE WHEN d.amount IS NOT NULL THEN d.currency END AS currency,
       CASE WHEN d.currency = setting('base_currency') THEN d.amount ELSE d.amount * d.rate END AS amount_base,
       CASE WHEN o.probability BETWEEN 0 AND 100 THEN o.probability / 100 END AS probability,
       coalesce(nullif(o.source, ''), nullif(o.utm_source, '')) AS source_raw,
       channel(coalesce(nullif(o.source, ''), o.utm_source, '')) AS channel, k.name AS campaign_id,
       CASE WHEN o.opportunity_from = 'Customer' THEN 'existing' ELSE 'new' END AS type,
       to_utc(o.creation, setting('timezone')) AS created_at, o.expected_closing AS expected_close_date,
       CASE WHEN d.outcome <> 'open' THEN x.at END AS closed_at,
       CASE WHEN d.outcome = 'lost' THEN coalesce(reasons.reason, nullif(o.order_lost_reason, '')) END AS lost_reason,
       to_utc(o.modified, setting('timezone')) AS updated_at
FROM deals AS d
JOIN "Opportunity" AS o ON o.name = d.id
LEFT JOIN closings AS x ON x.deal = o.name
LEFT JOIN reasons ON reasons.deal = o.name
LEFT JOIN "Customer" AS c ON c.name = o.party_name AND o.opportunity_from = 'Customer'
LEFT JOIN "Lead" AS l ON l.name = o.party_name AND o.opportunity_from = 'Lead'
LEFT JOIN lead_buyer AS b ON b.lead_id = l.name
LEFT JOIN (SELECT q.prospect_name AS prospect, min(q.name) AS customer_id FROM "Customer" AS q
           WHERE q.prospect_name <> '' GROUP BY q.prospect_name) AS p
       ON p.prospect = o.party_name AND o.opportunity_from = 'Prospect'
LEFT JOIN people AS person ON person.id = o.contact_person
LEFT JOIN "Territory" AS t ON t.name = o.territory
LEFT JOIN "Campaign" AS k ON k.name = coalesce(nullif(o.campaign, ''), o.utm_campaign)
LEFT JOIN "User" AS u
       ON u.name = coalesce(nullif(o.opportunity_owner, ''), nullif(o.converted_by, ''), o.contact_by) AND u.user_type = 'System User'
