SELECT c.id AS campaign_id, coalesce(c.start_date, day(c.created_date)) AS cost_date, 'actual' AS kind,
       c.actual_cost AS amount, coalesce(c.currency_iso_code, setting('base_currency')) AS currency, FALSE AS is_planned
FROM campaign AS c
WHERE NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE) AND c.actual_cost > 0
UNION ALL
SELECT c.id AS campaign_id, coalesce(c.start_date, day(c.created_date)) AS cost_date, 'budget' AS kind,
       c.budgeted_cost AS amount, coalesce(c.currency_iso_code, setting('base_currency')) AS currency, TRUE AS is_planned
FROM campaign AS c
WHERE NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE) AND c.budgeted_cost > 0
