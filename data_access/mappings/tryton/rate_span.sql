-- Units of each currency for one of the currency that Tryton takes as 1, and the days for which they hold.
SELECT c.code AS currency, r.rate AS rate, r.date AS since, lead(r.date) OVER (PARTITION BY c.code ORDER BY r.date) AS until
FROM currency_currency_rate AS r
JOIN currency_currency AS c ON c.id = r.currency
WHERE r.rate > 0
