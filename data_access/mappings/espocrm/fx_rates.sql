-- One present rate per currency: amount x rate = amount in the base currency.
SELECT c.id AS currency, day('2000-01-01') AS valid_from, setting('base_currency') AS base_currency, c.rate AS rate_to_base,
       'currency' AS source
FROM currency AS c
WHERE c.rate > 0 AND c.id <> setting('base_currency')
