-- Moments are what the server's clock showed; its zone is not in the database: say `timezone` if it is not UTC.
SELECT (SELECT MIN(c.value) FROM const AS c WHERE c.name = 'MAIN_MONNAIE' AND mapped(c.entity, 'entity') = 'yes') AS base_currency,
       'UTC' AS timezone,
       (SELECT MIN(whole(c.value)) FROM const AS c WHERE c.name = 'SOCIETE_FISCAL_MONTH_START' AND mapped(c.entity, 'entity') = 'yes') AS fiscal_year_start_month
