-- Amounts are kept in the base currency. A deal closed with the first snapshot in its last run of closed stages.
WITH deals AS (
    SELECT p.potentialid AS id, coalesce(nullif(trim(p.sales_stage), ''), '(none)') AS stage_id, e.createdtime AS created_at,
           coalesce(e.modifiedtime, e.createdtime) AS modified_at,
           CASE WHEN coalesce(stage_outcome(coalesce(nullif(trim(p.sales_stage), ''), '(none)')), 'open') <> 'open' THEN 1 ELSE 0 END AS is_closed,
           p.closingdate AS closing_day
    FROM vtiger_potential AS p
    JOIN vtiger_crmentity AS e ON e.crmid = p.potentialid AND e.deleted = 0
),
logged AS (
    SELECT m.potentialid, m.moved_at, m.stage, m.is_last, coalesce(stage_outcome(m.stage), 'open') AS outcome,
           lag(coalesce(stage_outcome(m.stage), 'open')) OVER (PARTITION BY m.potentialid ORDER BY m.place) AS outcome_before
    FROM moves AS m
    WHERE m.is_move = 1
),
turns AS (
    SELECT l.potentialid, max(CASE WHEN l.outcome = 'won' THEN l.moved_at END) AS won_at,
           max(CASE WHEN l.outcome = 'lost' THEN l.moved_at END) AS lost_at,
           max(CASE WHEN l.outcome = 'void' THEN l.moved_at END) AS void_at, max(l.moved_at) AS turned_at
    FROM logged AS l
    WHERE l.outcome_before IS NULL OR l.outcome_before <> l.outcome
    GROUP BY l.potentialid
),
ends AS (
    SELECT m.potentialid, max(m.moved_at) AS moved_at FROM moves AS m GROUP BY m.potentialid
),
closings AS (
    SELECT d.id, d.stage_id, d.created_at, d.modified_at, d.closing_day, stage_outcome(d.stage_id) AS outcome,
           CASE WHEN n.moved_at > d.created_at THEN n.moved_at ELSE d.created_at END AS low,
           CASE WHEN stage_outcome(d.stage_id) = 'won' AND t.won_at = t.turned_at THEN t.won_at
                WHEN stage_outcome(d.stage_id) = 'lost' AND t.lost_at = t.turned_at THEN t.lost_at
                WHEN stage_outcome(d.stage_id) = 'void' AND t.void_at = t.turned_at THEN t.void_at END AS logged_at
    FROM deals AS d
    LEFT JOIN turns AS t ON t.potentialid = d.id
    LEFT JOIN ends AS n ON n.potentialid = d.id
)
SELECT text(c.id) AS opportunity_id, p.potentialname AS name, text(account.crmid) AS customer_id,
       text(person.crmid) AS contact_id, text(owner.id) AS owner_id, 'sales' AS pipeline_id, c.stage_id AS stage_id,
       c.outcome AS outcome, p.amount AS amount, setting('base_currency') AS currency, p.probability / 100.0 AS probability,
       nullif(p.leadsource, '') AS source_raw, channel(p.leadsource) AS channel, text(campaign.crmid) AS campaign_id,
       mapped(p.potentialtype, 'opportunity_type') AS type, to_utc(c.created_at, setting('timezone')) AS created_at,
       p.closingdate AS expected_close_date,
       to_utc(CASE WHEN c.outcome = 'open' THEN NULL
                   WHEN c.logged_at >= c.created_at THEN c.logged_at
                   WHEN c.logged_at IS NOT NULL THEN c.created_at
                   WHEN c.closing_day <= c.low THEN c.low
                   WHEN c.closing_day < c.modified_at THEN c.closing_day
                   WHEN c.modified_at > c.low THEN c.modified_at
                   ELSE c.low END, setting('timezone')) AS closed_at,
       to_utc(c.modified_at, setting('timezone')) AS updated_at
FROM closings AS c
JOIN vtiger_potential AS p ON p.potentialid = c.id
JOIN vtiger_crmentity AS e ON e.crmid = c.id
LEFT JOIN vtiger_crmentity AS person
       ON person.crmid = coalesce(nullif(p.contact_id, 0), p.related_to) AND person.setype = 'Contacts' AND person.deleted = 0
LEFT JOIN vtiger_contactdetails AS detail ON detail.contactid = person.crmid
LEFT JOIN vtiger_crmentity AS related ON related.crmid = p.related_to
LEFT JOIN vtiger_crmentity AS account
       ON account.setype = 'Accounts' AND account.deleted = 0
      AND account.crmid = CASE WHEN related.setype = 'Accounts' THEN related.crmid ELSE detail.accountid END
LEFT JOIN vtiger_crmentity AS campaign ON campaign.crmid = p.campaignid AND campaign.setype = 'Campaigns' AND campaign.deleted = 0
LEFT JOIN vtiger_users AS owner ON owner.id = e.smownerid
