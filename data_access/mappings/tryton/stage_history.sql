-- A deal whose history was not kept, or that was brought in when it was over, has a stay of unknown state, and one in its present
-- state, both reconstructed.
WITH line AS (
  SELECT c.id, c.number AS number, c.state AS state, CASE WHEN c.previous IS NULL THEN d.began_at ELSE c.at END AS at,
         who.employee AS employee, 0 AS is_rebuilt
  FROM change AS c
  JOIN deal AS d ON d.id = c.id AND d.is_brought_in = 0
  LEFT JOIN res_user AS who ON who.id = c.user_id
  UNION ALL
  SELECT d.id, 0, CASE WHEN d.closed_at IS NULL THEN d.state END, d.began_at, NULL, 1
  FROM deal AS d WHERE d.is_brought_in = 1 OR NOT EXISTS (SELECT 1 FROM sale_opportunity__history AS h WHERE h.id = d.id)
  UNION ALL
  SELECT d.id, 1, d.state, d.closed_at, NULL, 1
  FROM deal AS d
  WHERE d.closed_at IS NOT NULL AND (d.is_brought_in = 1 OR NOT EXISTS (SELECT 1 FROM sale_opportunity__history AS h WHERE h.id = d.id))
)
SELECT text(line.id) AS opportunity_id, row_number() OVER (PARTITION BY line.id ORDER BY line.number) AS seq, line.state AS stage_id,
       CASE line.state WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' WHEN 'cancelled' THEN 'void' ELSE 'open' END AS outcome,
       line.at AS entered_at, lead(line.at) OVER (PARTITION BY line.id ORDER BY line.number) AS left_at,
       text(line.employee) AS changed_by, row_number() OVER (PARTITION BY line.id ORDER BY line.number) = 1 AS is_initial,
       line.is_rebuilt = 1 AS is_reconstructed
FROM line
