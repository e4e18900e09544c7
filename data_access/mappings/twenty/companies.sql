-- Companies that are there, with the domain of their website. The one that has the members' e-mail addresses is the company itself.
WITH sites AS (
    SELECT c.id AS id, lower(replace(replace(replace(nullif(trim(c."domainNamePrimaryLinkUrl"), ''), 'https://', ''), 'http://', ''), 'www.', '')) AS site
    FROM company AS c
    WHERE c."deletedAt" IS NULL
),
named AS (
    SELECT s.id, CASE WHEN right(s.site, 1) = '/' THEN left(s.site, length(s.site) - 1) ELSE s.site END AS domain
    FROM sites AS s
)
SELECT text(n.id) AS id, n.domain AS domain,
       CASE WHEN n.domain <> '' AND EXISTS (SELECT 1 FROM "workspaceMember" AS m WHERE lower(m."userEmail") LIKE concat('%@', n.domain))
            THEN 1 ELSE 0 END AS is_own
FROM named AS n
