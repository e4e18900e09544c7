-- One present rate per currency, units for one of the base currency, so that the base amount is amount / rate. It has no
-- history and no row for the base currency; deals and invoices carry their own base amounts from when they were saved.
WITH ordered AS (
    SELECT c.iso4217, c.conversion_rate,
           row_number() OVER (PARTITION BY c.iso4217 ORDER BY c.deleted, c.status, c.date_modified DESC, c.id) AS place
    FROM currencies AS c
    WHERE c.iso4217 <> '' AND c.conversion_rate > 0 AND c.id <> '-99'
)
SELECT o.iso4217 AS currency, day('2000-01-01') AS valid_from, setting('base_currency') AS base_currency,
       1 / o.conversion_rate AS rate_to_base, 'currencies' AS source
FROM ordered AS o
WHERE o.place = 1 AND o.iso4217 <> setting('base_currency')
