-- Single documents are rows of field and value. Without a currency the application itself takes US dollars.
SELECT coalesce(max(CASE WHEN s.doctype = 'FCRM Settings' AND s.field = 'currency' THEN nullif(trim(s.value), '') END), 'USD') AS base_currency,
       coalesce(max(CASE WHEN s.doctype = 'System Settings' AND s.field = 'time_zone' THEN nullif(trim(s.value), '') END), 'UTC') AS timezone
FROM "Singles" AS s
