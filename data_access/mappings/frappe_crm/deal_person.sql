-- The one person of a deal: the primary contact, else the first one.
SELECT p.deal, p.contact
FROM (SELECT k.parent AS deal, c.name AS contact,
             row_number() OVER (PARTITION BY k.parent ORDER BY CASE WHEN k.is_primary = 1 THEN 0 ELSE 1 END, k.idx) AS place
      FROM "CRM Contacts" AS k
      JOIN "Contact" AS c ON c.name = k.contact
      WHERE k.parenttype = 'CRM Deal') AS p
WHERE p.place = 1
