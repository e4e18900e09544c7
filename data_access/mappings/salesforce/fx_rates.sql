-- Salesforce divides: an amount in the corporate currency is the amount / conversion_rate. Dated rates go before the
-- present one, where the organisation keeps them.
SELECT d.iso_code AS currency, d.start_date AS valid_from, 1.0 / d.conversion_rate AS rate_to_base, 'Salesforce, dated' AS source
FROM dated_conversion_rate AS d
WHERE d.conversion_rate > 0 AND coalesce(d._fivetran_active, TRUE)
UNION ALL
SELECT c.iso_code AS currency, CAST('1900-01-01' AS DATE) AS valid_from, 1.0 / c.conversion_rate AS rate_to_base,
       'Salesforce, present' AS source
FROM currency_type AS c
WHERE c.conversion_rate > 0 AND coalesce(c._fivetran_active, TRUE) AND NOT EXISTS (SELECT 1 FROM dated_conversion_rate AS d WHERE d.iso_code = c.iso_code)
