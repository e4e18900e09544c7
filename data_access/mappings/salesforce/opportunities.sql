-- Amounts are converted as Salesforce does it: at the rate of the close date where rates are dated, else at the present one.
WITH turns AS (
    SELECT s.deal AS deal, s.at AS at, s.outcome AS outcome,
           lag(s.outcome) OVER (PARTITION BY s.deal ORDER BY s.seq) AS outcome_before
    FROM stays AS s
), closings AS (
    SELECT t.deal AS deal, MAX(t.at) AS at
    FROM turns AS t
    WHERE t.outcome_before IS NULL OR t.outcome_before <> t.outcome
    GROUP BY t.deal
), people AS (
    SELECT r.opportunity_id AS deal, MIN(r.contact_id) AS contact_id
    FROM opportunity_contact_role AS r
    WHERE r.is_primary AND NOT coalesce(r.is_deleted, FALSE) AND coalesce(r._fivetran_active, TRUE)
    GROUP BY r.opportunity_id
), origins AS (
    SELECT l.converted_opportunity_id AS deal, MIN(l.id) AS lead_id
    FROM lead AS l
    WHERE l.is_converted AND NOT coalesce(l.is_deleted, FALSE) AND coalesce(l._fivetran_active, TRUE)
    GROUP BY l.converted_opportunity_id
)
SELECT d.id AS opportunity_id, d.name AS name, a.id AS customer_id, c.id AS contact_id, origin.lead_id AS lead_id,
       u.id AS owner_id, role.id AS team_id, d.stage_name AS stage_id, d.outcome AS outcome, d.amount AS amount,
       CASE WHEN d.amount IS NOT NULL THEN coalesce(d.currency, setting('base_currency')) END AS currency,
       CASE WHEN d.currency IS NULL OR d.currency = setting('base_currency') THEN d.amount
            ELSE d.amount / coalesce(dated.conversion_rate, present.conversion_rate) END AS amount_base,
       CASE WHEN d.probability BETWEEN 0 AND 100 THEN d.probability / 100.0 END AS probability,
       d.lead_source AS source_raw, channel(coalesce(d.lead_source, '')) AS channel, d.campaign_id AS campaign_id,
       mapped(d.type, 'deal_type') AS type, d.created_date AS created_at, d.close_date AS expected_close_date,
       CASE WHEN d.outcome <> 'open' THEN closing.at END AS closed_at,
       CASE WHEN d.outcome = 'lost' THEN d.lost_reason END AS lost_reason, d.is_deleted AS is_deleted_in_source,
       d.last_modified_date AS updated_at
FROM deals AS d
LEFT JOIN closings AS closing ON closing.deal = d.id
LEFT JOIN people AS person ON person.deal = d.id
LEFT JOIN origins AS origin ON origin.deal = d.id
LEFT JOIN account AS a ON a.id = d.account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
LEFT JOIN contact AS c ON c.id = coalesce(person.contact_id, d.contact_id) AND NOT coalesce(c.is_deleted, FALSE)
                          AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN "user" AS u ON u.id = d.owner_id AND coalesce(u._fivetran_active, TRUE)
LEFT JOIN user_role AS role ON role.id = u.user_role_id AND coalesce(role._fivetran_active, TRUE)
LEFT JOIN currency_type AS present ON present.iso_code = d.currency AND coalesce(present._fivetran_active, TRUE)
LEFT JOIN dated_conversion_rate AS dated ON dated.iso_code = d.currency AND dated.start_date <= d.close_date
                                            AND coalesce(dated._fivetran_active, TRUE)
                                            AND (dated.next_start_date IS NULL OR dated.next_start_date > d.close_date)
