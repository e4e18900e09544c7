-- Of several companies the primary one (association type 5) is the customer. HubSpot keeps the amount in the home currency.
WITH turns AS (
    SELECT s.deal AS deal, s.at AS at, s.outcome AS outcome,
           lag(s.outcome) OVER (PARTITION BY s.deal ORDER BY s.seq) AS outcome_before
    FROM stays AS s
), closings AS (
    SELECT t.deal AS deal, MAX(t.at) AS at
    FROM turns AS t
    WHERE t.outcome_before IS NULL OR t.outcome_before <> t.outcome
    GROUP BY t.deal
), companies AS (
    SELECT l.deal_id AS deal, coalesce(MIN(CASE WHEN l.type_id = 5 THEN c.id END), MIN(c.id)) AS company_id
    FROM deal_company AS l
    JOIN company AS c ON c.id = l.company_id AND NOT coalesce(c.is_deleted, FALSE) AND NOT coalesce(c._fivetran_deleted, FALSE)
    GROUP BY l.deal_id
), person AS (
    SELECT l.deal_id AS deal, MIN(l.contact_id) AS contact_id
    FROM deal_contact AS l JOIN people AS p ON p.id = l.contact_id
    GROUP BY l.deal_id
)
SELECT text(n.id) AS opportunity_id, coalesce(d.property_dealname, text(n.id)) AS name,
       coalesce(text(company.company_id), who.customer_id) AS customer_id, text(who.id) AS contact_id,
       text(o.owner_id) AS owner_id, n.pipeline_id AS pipeline_id, n.stage_id AS stage_id, n.outcome AS outcome,
       d.property_amount AS amount,
       CASE WHEN d.property_amount IS NOT NULL THEN coalesce(d.property_deal_currency_code, setting('base_currency')) END AS currency,
       coalesce(d.property_amount_in_home_currency,
                CASE WHEN coalesce(d.property_deal_currency_code, setting('base_currency')) = setting('base_currency')
                     THEN d.property_amount END) AS amount_base,
       CASE WHEN d.property_hs_deal_stage_probability BETWEEN 0 AND 1 THEN d.property_hs_deal_stage_probability END AS probability,
       d.property_hs_analytics_source AS source_raw, channel(coalesce(d.property_hs_analytics_source, '')) AS channel,
       mapped(d.property_dealtype, 'deal_type') AS type, n.created_date AS created_at,
       day(d.property_closedate) AS expected_close_date, CASE WHEN n.outcome <> 'open' THEN closing.at END AS closed_at,
       CASE WHEN n.outcome = 'lost' THEN d.property_closed_lost_reason END AS lost_reason,
       n.is_deleted AS is_deleted_in_source, d.property_hs_lastmodifieddate AS updated_at
FROM deals AS n
JOIN deal AS d ON d.deal_id = n.id
LEFT JOIN closings AS closing ON closing.deal = n.id
LEFT JOIN companies AS company ON company.deal = n.id
LEFT JOIN person AS chosen ON chosen.deal = n.id
LEFT JOIN people AS who ON who.id = chosen.contact_id
LEFT JOIN owner AS o ON o.owner_id = d.owner_id
