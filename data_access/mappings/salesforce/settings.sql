-- A multi-currency organisation knows its corporate currency; another one has to be told `base_currency`.
SELECT (SELECT MIN(c.iso_code) FROM currency_type AS c WHERE c.is_corporate AND coalesce(c._fivetran_active, TRUE)) AS base_currency,
       coalesce((SELECT MIN(o.time_zone_sid_key) FROM organization AS o), 'UTC') AS timezone,
       (SELECT MIN(o.fiscal_year_start_month) FROM organization AS o) AS fiscal_year_start_month
