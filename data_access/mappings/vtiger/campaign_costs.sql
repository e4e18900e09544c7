-- One sum for a whole campaign, on the day on which it was entered: `actualcost` was spent, `budgetcost` planned.
SELECT text(c.campaignid) AS campaign_id, day(e.createdtime) AS cost_date, kind.name AS kind,
       CASE kind.name WHEN 'actual' THEN c.actualcost ELSE c.budgetcost END AS amount,
       setting('base_currency') AS currency, CASE kind.name WHEN 'actual' THEN c.actualcost ELSE c.budgetcost END AS amount_base,
       kind.name = 'budget' AS is_planned
FROM vtiger_campaign AS c
JOIN vtiger_crmentity AS e ON e.crmid = c.campaignid AND e.deleted = 0
CROSS JOIN (SELECT 'actual' AS name UNION ALL SELECT 'budget') AS kind
WHERE CASE kind.name WHEN 'actual' THEN c.actualcost ELSE c.budgetcost END > 0
