-- One sum for a whole campaign, on its first day: `actual_cost` was spent, `budget` and `expected_cost` were planned.
SELECT c.id AS campaign_id, coalesce(c.start_date, day(c.date_entered)) AS cost_date, kind.name AS kind,
       CASE kind.name WHEN 'actual' THEN c.actual_cost WHEN 'budget' THEN c.budget ELSE c.expected_cost END AS amount,
       CASE WHEN coalesce(nullif(trim(c.currency_id), ''), '-99') = '-99' THEN setting('base_currency')
            ELSE currency.iso4217 END AS currency,
       CASE kind.name WHEN 'actual' THEN c.actual_cost WHEN 'budget' THEN c.budget ELSE c.expected_cost END
           / CASE WHEN coalesce(nullif(trim(c.currency_id), ''), '-99') = '-99' THEN 1
                  ELSE nullif(currency.conversion_rate, 0) END AS amount_base,
       kind.name <> 'actual' AS is_planned, c.date_modified AS updated_at
FROM campaigns AS c
CROSS JOIN (SELECT 'actual' AS name UNION ALL SELECT 'budget' UNION ALL SELECT 'expected') AS kind
LEFT JOIN currencies AS currency ON currency.id = c.currency_id
WHERE c.deleted = 0
  AND CASE kind.name WHEN 'actual' THEN c.actual_cost WHEN 'budget' THEN c.budget ELSE c.expected_cost END <> 0
