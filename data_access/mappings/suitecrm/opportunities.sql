-- `amount_usdollar` is the amount in the base currency, whatever its name says. A deal was closed when the log says so:
-- `date_closed` is a forecast that people edit, and counts only, within the life of the row, where nothing was logged.
WITH turns AS (
    SELECT t.parent_id,
           max(CASE WHEN t.outcome = 'won' THEN t.date_created END) AS won_at,
           max(CASE WHEN t.outcome = 'lost' THEN t.date_created END) AS lost_at,
           max(CASE WHEN t.outcome = 'void' THEN t.date_created END) AS void_at,
           max(t.date_created) AS turned_at
    FROM (SELECT a.parent_id, a.date_created, coalesce(stage_outcome(a.after_value_string), 'open') AS outcome,
                 lag(coalesce(stage_outcome(a.after_value_string), 'open'))
                     OVER (PARTITION BY a.parent_id ORDER BY a.date_created) AS outcome_before
          FROM opportunities_audit AS a
          WHERE a.field_name = 'sales_stage'
            AND coalesce(stage_outcome(a.after_value_string), 'open')
                <> coalesce(stage_outcome(a.before_value_string), 'open')) AS t
    WHERE t.outcome_before IS NULL OR t.outcome_before <> t.outcome
    GROUP BY t.parent_id
),
deals AS (
    SELECT o.id, o.name, o.assigned_user_id, o.opportunity_type, o.campaign_id, o.lead_source, o.amount,
           o.amount_usdollar, o.probability, o.date_closed, o.date_modified,
           coalesce(o.date_entered, o.date_modified) AS created_at,
           coalesce(nullif(trim(o.currency_id), ''), '-99') AS currency_id,
           coalesce(nullif(trim(o.sales_stage), ''), '(none)') AS stage_id,
           stage_outcome(coalesce(nullif(trim(o.sales_stage), ''), '(none)')) AS outcome,
           to_utc(o.date_closed, setting('timezone')) AS closing_day,
           (SELECT max(a.date_created) FROM opportunities_audit AS a
            WHERE a.parent_id = o.id AND a.field_name = 'sales_stage') AS moved_at
    FROM opportunities AS o
    WHERE o.deleted = 0
)
SELECT d.id AS opportunity_id, d.name AS name, customer.account_id AS customer_id,
       (SELECT r.contact_id FROM opportunities_contacts AS r JOIN contacts AS p ON p.id = r.contact_id AND p.deleted = 0
        WHERE r.opportunity_id = d.id AND r.deleted = 0
        ORDER BY CASE WHEN r.contact_role = 'Primary Decision Maker' THEN 0 ELSE 1 END, r.contact_id LIMIT 1) AS contact_id,
       (SELECT min(l.id) FROM leads AS l WHERE l.opportunity_id = d.id AND l.deleted = 0) AS lead_id,
       owner.id AS owner_id, 'sales' AS pipeline_id, d.stage_id AS stage_id, d.outcome AS outcome, d.amount AS amount,
       CASE WHEN d.currency_id = '-99' THEN setting('base_currency') ELSE currency.iso4217 END AS currency,
       coalesce(d.amount_usdollar, CASE WHEN d.currency_id = '-99' THEN d.amount
                                        ELSE d.amount / nullif(currency.conversion_rate, 0) END) AS amount_base,
       d.probability / 100 AS probability, nullif(trim(d.lead_source), '') AS source_raw,
       coalesce(CASE WHEN lower(trim(d.lead_source)) = 'campaign' THEN channel(campaign.campaign_type) END,
                channel(d.lead_source),
                (SELECT channel(l.lead_source) FROM leads AS l WHERE l.opportunity_id = d.id AND l.deleted = 0
                 ORDER BY l.id LIMIT 1), channel(campaign.campaign_type)) AS channel,
       campaign.id AS campaign_id, mapped(d.opportunity_type, 'opportunity_type') AS type, d.created_at AS created_at,
       d.date_closed AS expected_close_date,
       CASE WHEN d.outcome = 'open' THEN NULL
            WHEN d.outcome = 'won' AND t.won_at = t.turned_at AND t.won_at >= d.created_at THEN t.won_at
            WHEN d.outcome = 'lost' AND t.lost_at = t.turned_at AND t.lost_at >= d.created_at THEN t.lost_at
            WHEN d.outcome = 'void' AND t.void_at = t.turned_at AND t.void_at >= d.created_at THEN t.void_at
            WHEN d.outcome = 'won' AND t.won_at = t.turned_at THEN d.created_at
            WHEN d.outcome = 'lost' AND t.lost_at = t.turned_at THEN d.created_at
            WHEN d.outcome = 'void' AND t.void_at = t.turned_at THEN d.created_at
            WHEN t.parent_id IS NULL AND d.outcome = (SELECT max(stage_outcome(a.after_value_string))
                                                      FROM opportunities_audit AS a
                                                      WHERE a.parent_id = d.id AND a.field_name = 'sales_stage')
                 THEN d.created_at
            WHEN d.closing_day <= d.created_at OR d.closing_day <= d.moved_at
                 THEN CASE WHEN d.moved_at > d.created_at THEN d.moved_at ELSE d.created_at END
            WHEN d.closing_day < d.date_modified THEN d.closing_day
            WHEN d.date_modified > d.created_at AND (d.moved_at IS NULL OR d.date_modified > d.moved_at)
                 THEN d.date_modified
            WHEN d.moved_at > d.created_at THEN d.moved_at
            ELSE d.created_at END AS closed_at,
       d.date_modified AS updated_at
FROM deals AS d
LEFT JOIN turns AS t ON t.parent_id = d.id
LEFT JOIN buyers AS customer ON customer.opportunity_id = d.id
LEFT JOIN users AS owner ON owner.id = d.assigned_user_id
LEFT JOIN campaigns AS campaign ON campaign.id = d.campaign_id AND campaign.deleted = 0
LEFT JOIN currencies AS currency ON currency.id = d.currency_id
