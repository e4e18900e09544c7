-- Units of each currency for one unit of the currency that Odoo takes as 1, and the days for which they hold; the first
-- company's go before those without a company.
SELECT one.currency AS currency, one.rate AS rate, one.day AS since, lead(one.day) OVER (PARTITION BY one.currency ORDER BY one.day) AS until
FROM (
  SELECT c.name AS currency, r.name AS day, coalesce(max(CASE WHEN r.company_id IS NOT NULL THEN r.rate END), max(r.rate)) AS rate
  FROM res_currency_rate AS r
  JOIN res_currency AS c ON c.id = r.currency_id
  WHERE r.rate > 0 AND coalesce(r.company_id, 0) IN (0, (SELECT min(id) FROM res_company))
  GROUP BY c.name, r.name
) AS one
