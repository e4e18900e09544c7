-- `close_date` is a forecast that people edit; the stream says when a deal was closed.
WITH turns AS (
    SELECT t.deal_id, max(CASE WHEN t.outcome = 'won' THEN t.moved_at END) AS won_at,
           max(CASE WHEN t.outcome = 'lost' THEN t.moved_at END) AS lost_at,
           max(CASE WHEN t.outcome = 'void' THEN t.moved_at END) AS void_at, max(t.moved_at) AS turned_at
    FROM (SELECT m.deal_id, m.moved_at, coalesce(stage_outcome(m.becomes), 'open') AS outcome
          FROM moves AS m
          WHERE m.is_move = 1
            AND coalesce(stage_outcome(m.becomes), 'open') <> coalesce(stage_outcome(m.was), 'open')) AS t
    GROUP BY t.deal_id
),
ends AS (
    SELECT m.deal_id, max(m.moved_at) AS moved_at FROM moves AS m GROUP BY m.deal_id
),
deals AS (
    SELECT o.id, o.name, o.account_id, o.contact_id, o.assigned_user_id, o.amount, o.amount_currency, o.probability,
           o.lead_source, o.campaign_id, o.close_date, o.created_at, coalesce(o.modified_at, o.created_at) AS modified_at,
           coalesce(nullif(trim(o.stage), ''), '(none)') AS stage_id, stage_outcome(coalesce(nullif(trim(o.stage), ''), '(none)')) AS outcome,
           to_utc(o.close_date, setting('timezone')) AS closing_day,
           CASE WHEN e.moved_at > o.created_at THEN e.moved_at ELSE o.created_at END AS low,
           CASE WHEN stage_outcome(coalesce(nullif(trim(o.stage), ''), '(none)')) = 'won' AND t.won_at = t.turned_at THEN t.won_at
                WHEN stage_outcome(coalesce(nullif(trim(o.stage), ''), '(none)')) = 'lost' AND t.lost_at = t.turned_at THEN t.lost_at
                WHEN stage_outcome(coalesce(nullif(trim(o.stage), ''), '(none)')) = 'void' AND t.void_at = t.turned_at THEN t.void_at END AS logged_at
    FROM opportunity AS o
    LEFT JOIN turns AS t ON t.deal_id = o.id
    LEFT JOIN ends AS e ON e.deal_id = o.id
    WHERE NOT o.deleted
)
SELECT d.id AS opportunity_id, d.name AS name, account.id AS customer_id, person.id AS contact_id,
       (SELECT min(l.id) FROM "lead" AS l WHERE l.created_opportunity_id = d.id AND NOT l.deleted) AS lead_id,
       owner.id AS owner_id, 'sales' AS pipeline_id, d.stage_id AS stage_id, d.outcome AS outcome, d.amount AS amount,
       coalesce(nullif(d.amount_currency, ''), setting('base_currency')) AS currency,
       CASE WHEN coalesce(nullif(d.amount_currency, ''), setting('base_currency')) = setting('base_currency') THEN d.amount
            ELSE d.amount * rate.rate END AS amount_base,
       d.probability / 100.0 AS probability, nullif(d.lead_source, '') AS source_raw, channel(d.lead_source) AS channel,
       campaign.id AS campaign_id, d.created_at AS created_at, d.close_date AS expected_close_date,
       CASE WHEN d.outcome = 'open' THEN NULL
            WHEN d.logged_at >= d.created_at THEN d.logged_at
            WHEN d.logged_at IS NOT NULL THEN d.created_at
            WHEN d.closing_day <= d.low THEN d.low
            WHEN d.closing_day < d.modified_at THEN d.closing_day
            WHEN d.modified_at > d.low THEN d.modified_at
            ELSE d.low END AS closed_at,
       d.modified_at AS updated_at
FROM deals AS d
LEFT JOIN account ON account.id = d.account_id AND NOT account.deleted
LEFT JOIN contact AS person ON person.id = d.contact_id AND NOT person.deleted
LEFT JOIN "user" AS owner ON owner.id = d.assigned_user_id
LEFT JOIN campaign ON campaign.id = d.campaign_id AND NOT campaign.deleted
LEFT JOIN currency AS rate ON rate.id = d.amount_currency
