-- A deal whose history was not kept has a stay of unknown state, and one in its present state, both reconstructed.
WITH line AS (
  SELECT c.id, c.number AS number, c.state AS state, CASE WHEN c.previous IS NULL THEN o.create_date ELSE c.at END AS at,
         who.employee AS employee, 0 AS is_rebuilt
  FROM change AS c
  JOIN sale_opportunity AS o ON o.id = c.id
  LEFT JOIN res_user AS who ON who.id = c.user_id
  UNION ALL
  SELECT o.id, 0, CASE WHEN o.state IN ('won', 'lost', 'cancelled') THEN NULL ELSE o.state END, o.create_date, NULL, 1
  FROM sale_opportunity AS o WHERE NOT EXISTS (SELECT 1 FROM sale_opportunity__history AS h WHERE h.id = o.id)
  UNION ALL
  SELECT o.id, 1, o.state, coalesce(o.write_date, o.create_date), NULL, 1
  FROM sale_opportunity AS o
  WHERE o.state IN ('won', 'lost', 'cancelled') AND NOT EXISTS (SELECT 1 FROM sale_opportunity__history AS h WHERE h.id = o.id)
)
SELECT text(line.id) AS opportunity_id, row_number() OVER (PARTITION BY line.id ORDER BY line.number) AS seq, line.state AS stage_id,
       CASE line.state WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' WHEN 'cancelled' THEN 'void' ELSE 'open' END AS outcome,
       line.at AS entered_at, lead(line.at) OVER (PARTITION BY line.id ORDER BY line.number) AS left_at,
       text(line.employee) AS changed_by, row_number() OVER (PARTITION BY line.id ORDER BY line.number) = 1 AS is_initial,
       line.is_rebuilt = 1 AS is_reconstructed
FROM line
