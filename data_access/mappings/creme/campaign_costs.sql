SELECT text(a.cremeentity_ptr_id) AS campaign_id, a.start AS cost_date, 'cost' AS kind, a.cost AS amount,
       setting('base_currency') AS currency, a.cost AS amount_base, FALSE AS is_planned
FROM commercial_act AS a
JOIN creme_core_cremeentity AS e ON e.id = a.cremeentity_ptr_id AND NOT e.is_deleted
WHERE a.cost > 0
