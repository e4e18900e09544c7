-- Rows are dated by the site's clock, the log of statuses by the server's, which stands on UTC wherever it runs in a container.
-- The first line of a log is written together with its deal or lead: the two tell which clock it was.
WITH first_lines AS (
    SELECT epoch(l.from_date) AS logged, epoch(d.creation) AS by_site, epoch(to_utc(d.creation, setting('timezone'))) AS by_utc
    FROM "CRM Status Change Log" AS l
    JOIN "CRM Deal" AS d ON d.name = l.parent
    WHERE l.parenttype = 'CRM Deal' AND l.idx = 1
    UNION ALL
    SELECT epoch(l.from_date), epoch(p.creation), epoch(to_utc(p.creation, setting('timezone')))
    FROM "CRM Status Change Log" AS l
    JOIN "CRM Lead" AS p ON p.name = l.parent
    WHERE l.parenttype = 'CRM Lead' AND l.idx = 1
)
SELECT CASE WHEN sum(CASE WHEN abs(f.logged - f.by_utc) < 60 THEN 1 ELSE 0 END)
                 > sum(CASE WHEN abs(f.logged - f.by_site) < 60 THEN 1 ELSE 0 END) THEN 1 ELSE 0 END AS is_utc
FROM first_lines AS f
