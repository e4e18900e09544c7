SELECT c.currency_code AS currency, day('2000-01-01') AS valid_from, setting('base_currency') AS base_currency,
       1 / c.conversion_rate AS rate_to_base, 'vtiger_currency_info' AS source
FROM vtiger_currency_info AS c
WHERE c.deleted = 0 AND c.conversion_rate > 0 AND c.currency_code <> setting('base_currency')
