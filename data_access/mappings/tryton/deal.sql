-- When a deal began and ended. What was brought in from elsewhere has days before that on which its row was made: its start,
-- and its end where nothing but that row tells of it. Of others the end is known by the history only.
WITH entered AS (SELECT id, state, max(at) AS at FROM change GROUP BY id, state),
dated AS (
  SELECT o.id, o.state, o.create_date, o.write_date, to_utc(o.start_date, setting('timezone')) AS start_at,
         to_utc(add_days(o.start_date, 1), setting('timezone')) AS start_over,
         to_utc(o.end_date, setting('timezone')) AS end_at, to_utc(add_days(o.end_date, 1), setting('timezone')) AS end_over
  FROM sale_opportunity AS o
)
SELECT d.id AS id, d.state AS state,
       CASE WHEN d.start_over <= d.create_date THEN d.start_at ELSE d.create_date END AS began_at,
       CASE WHEN d.state IN ('won', 'lost', 'cancelled') THEN
            CASE WHEN d.end_over <= d.create_date AND d.start_at <= d.end_at THEN d.end_at ELSE coalesce(entered.at, d.write_date, d.create_date) END
       END AS closed_at,
       CASE WHEN d.state IN ('won', 'lost', 'cancelled') AND d.end_over <= d.create_date AND d.start_at <= d.end_at THEN 1 ELSE 0 END AS is_brought_in
FROM dated AS d
LEFT JOIN entered ON entered.id = d.id AND entered.state = d.state
