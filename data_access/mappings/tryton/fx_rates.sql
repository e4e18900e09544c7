-- The currency that Tryton takes as 1 need not be the company's own: both sides are divided. Before its first rate a currency
-- counts as 1.
WITH base AS (
  SELECT since, until, rate FROM rate_span WHERE currency = setting('base_currency')
  UNION ALL
  SELECT NULL, min(since), 1 FROM rate_span WHERE currency = setting('base_currency')
)
SELECT s.currency AS currency, CASE WHEN b.since > s.since THEN b.since ELSE s.since END AS valid_from, b.rate / s.rate AS rate_to_base
FROM rate_span AS s
JOIN base AS b ON (b.since IS NULL OR s.until IS NULL OR b.since < s.until) AND (b.until IS NULL OR s.since < b.until)
WHERE s.currency <> setting('base_currency')
