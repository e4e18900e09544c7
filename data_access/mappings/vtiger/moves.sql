-- A row for every save, with the stage after it: neighbours of one stage are one stay, several of one moment the last one.
SELECT p.potentialid, p.lastmodified AS moved_at, p.stage, p.place,
       CASE WHEN p.later IS NULL THEN 1 ELSE 0 END AS is_last,
       CASE WHEN p.later = p.lastmodified OR p.before_it = p.stage THEN 0 ELSE 1 END AS is_move
FROM (SELECT h.potentialid, h.lastmodified, trim(h.stage) AS stage,
             row_number() OVER (PARTITION BY h.potentialid ORDER BY h.lastmodified, h.historyid) AS place,
             lead(h.lastmodified) OVER (PARTITION BY h.potentialid ORDER BY h.lastmodified, h.historyid) AS later,
             lag(trim(h.stage)) OVER (PARTITION BY h.potentialid ORDER BY h.lastmodified, h.historyid) AS before_it
      FROM vtiger_potstagehistory AS h
      WHERE h.stage <> '') AS p
