-- Commercial actions, with what they are expected to sell and what they cost.
SELECT text(a.cremeentity_ptr_id) AS campaign_id, a.name AS name, kind.title AS type_raw, a.start AS starts_on,
       a.due_date AS ends_on, text(e.user_id) AS owner_id, a.expected_sales AS expected_revenue_base,
       nullif(a.goal, '') AS objective, setting('base_currency') AS currency, e.modified AS updated_at
FROM commercial_act AS a
JOIN creme_core_cremeentity AS e ON e.id = a.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN commercial_acttype AS kind ON kind.id = a.act_type_id
