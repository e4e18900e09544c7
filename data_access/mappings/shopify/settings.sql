SELECT MIN(s.currency) AS base_currency, MIN(s.iana_timezone) AS timezone
FROM shop AS s
