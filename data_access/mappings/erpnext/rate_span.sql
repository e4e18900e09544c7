-- The rates of currencies in the base currency, and the days for which they hold; of two of one day that for selling.
WITH daily AS (
    SELECT x.from_currency AS currency, x.date AS since, x.exchange_rate AS rate,
           row_number() OVER (PARTITION BY x.from_currency, x.date ORDER BY CASE WHEN x.for_selling = 0 THEN 1 ELSE 0 END, x.name DESC) AS place
    FROM "Currency Exchange" AS x
    WHERE x.to_currency = setting('base_currency') AND x.from_currency <> setting('base_currency') AND x.exchange_rate > 0
)
SELECT d.currency, d.since, d.rate, lead(d.since) OVER (PARTITION BY d.currency ORDER BY d.since) AS until
FROM daily AS d
WHERE d.place = 1
