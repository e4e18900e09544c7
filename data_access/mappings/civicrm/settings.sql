-- The value is serialised by PHP: s:3:"USD";
SELECT (SELECT MIN(substring(s.value, 6, 3)) FROM setting AS s WHERE s.name = 'defaultCurrency') AS base_currency, 'UTC' AS timezone
