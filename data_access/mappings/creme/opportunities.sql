-- `made_sales` is what was sold, `estimated_sales` what was hoped for; both whole units without a fraction.
WITH turns AS (
    SELECT m.deal_id, max(CASE WHEN a.outcome = 'won' THEN m.moved_at END) AS won_at,
           max(CASE WHEN a.outcome = 'lost' THEN m.moved_at END) AS lost_at,
           max(CASE WHEN a.outcome = 'void' THEN m.moved_at END) AS void_at, max(m.moved_at) AS turned_at
    FROM moves AS m
    JOIN phase AS a ON a.id = m.becomes
    LEFT JOIN phase AS b ON b.id = m.was
    WHERE m.is_move = 1 AND (b.outcome IS NULL OR a.outcome <> b.outcome)
    GROUP BY m.deal_id
),
ends AS (
    SELECT m.deal_id, max(m.moved_at) AS moved_at, max(CASE WHEN m.is_last = 1 THEN m.becomes END) AS last_phase
    FROM moves AS m
    GROUP BY m.deal_id
),
targets AS (
    SELECT r.subject_entity_id AS deal_id, min(r.object_entity_id) AS target_id
    FROM creme_core_relation AS r
    JOIN creme_core_cremeentity AS e ON e.id = r.object_entity_id AND NOT e.is_deleted
    WHERE r.type_id = 'opportunities-subject_targets_orga'
    GROUP BY r.subject_entity_id
),
people AS (
    SELECT r.object_entity_id AS deal_id, min(r.subject_entity_id) AS contact_id
    FROM creme_core_relation AS r
    JOIN persons_contact AS c ON c.cremeentity_ptr_id = r.subject_entity_id AND c.is_user_id IS NULL
    JOIN creme_core_cremeentity AS e ON e.id = r.subject_entity_id AND NOT e.is_deleted
    WHERE r.type_id = 'opportunities-subject_linked_contact'
    GROUP BY r.object_entity_id
),
deals AS (
    SELECT o.cremeentity_ptr_id AS id, o.name, o.sales_phase_id, o.estimated_sales, o.made_sales, o.chance_to_win, o.currency_id,
           o.origin_id, o.expected_closing_date, e.user_id, e.created AS created_at, e.modified AS modified_at, u.outcome,
           to_utc(o.closing_date, setting('timezone')) AS closing_day,
           CASE WHEN n.moved_at > e.created THEN n.moved_at ELSE e.created END AS low,
           CASE WHEN u.outcome = 'won' AND t.won_at = t.turned_at THEN t.won_at
                WHEN u.outcome = 'lost' AND t.lost_at = t.turned_at THEN t.lost_at
                WHEN u.outcome = 'void' AND t.void_at = t.turned_at THEN t.void_at
                WHEN t.deal_id IS NULL AND n.last_phase = o.sales_phase_id THEN e.created END AS logged_at
    FROM opportunities_opportunity AS o
    JOIN creme_core_cremeentity AS e ON e.id = o.cremeentity_ptr_id AND NOT e.is_deleted
    JOIN phase AS u ON u.id = o.sales_phase_id
    LEFT JOIN turns AS t ON t.deal_id = o.cremeentity_ptr_id
    LEFT JOIN ends AS n ON n.deal_id = o.cremeentity_ptr_id
)
SELECT text(d.id) AS opportunity_id, d.name AS name,
       CASE WHEN organisation.cremeentity_ptr_id IS NOT NULL THEN text(organisation.cremeentity_ptr_id)
            WHEN buyer.is_user_id IS NULL THEN text(buyer.cremeentity_ptr_id) END AS customer_id,
       text(coalesce(person.contact_id, CASE WHEN buyer.is_user_id IS NULL THEN buyer.cremeentity_ptr_id END)) AS contact_id,
       text(d.user_id) AS owner_id, 'sales' AS pipeline_id, text(d.sales_phase_id) AS stage_id, d.outcome AS outcome,
       coalesce(nullif(d.made_sales, 0), d.estimated_sales) AS amount, currency.international_symbol AS currency,
       d.chance_to_win / 100.0 AS probability, origin.name AS source_raw, channel(origin.name) AS channel,
       d.created_at AS created_at, d.expected_closing_date AS expected_close_date,
       CASE WHEN d.outcome = 'open' THEN NULL
            WHEN d.logged_at >= d.created_at THEN d.logged_at
            WHEN d.logged_at IS NOT NULL THEN d.created_at
            WHEN d.closing_day <= d.low THEN d.low
            WHEN d.closing_day < d.modified_at THEN d.closing_day
            WHEN d.modified_at > d.low THEN d.modified_at
            ELSE d.low END AS closed_at,
       d.modified_at AS updated_at
FROM deals AS d
LEFT JOIN targets AS target ON target.deal_id = d.id
LEFT JOIN persons_organisation AS organisation ON organisation.cremeentity_ptr_id = target.target_id
LEFT JOIN persons_contact AS buyer ON buyer.cremeentity_ptr_id = target.target_id
LEFT JOIN people AS person ON person.deal_id = d.id
LEFT JOIN creme_core_currency AS currency ON currency.id = d.currency_id
LEFT JOIN opportunities_origin AS origin ON origin.id = d.origin_id
