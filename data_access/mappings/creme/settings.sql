SELECT c.international_symbol AS base_currency
FROM creme_core_currency AS c
WHERE c.is_default
ORDER BY c.id
LIMIT 1
