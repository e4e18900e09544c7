SELECT c.currency_code AS base_currency
FROM vtiger_currency_info AS c
WHERE c.defaultid < 0 AND c.deleted = 0
LIMIT 1
