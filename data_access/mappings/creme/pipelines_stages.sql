-- An abandoned deal has neither flag: what such a phase means is said by its name in [stage_outcomes].
SELECT text(p.id) AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, p.name AS name, p."order" AS position,
       CASE WHEN p.won THEN 'won' WHEN p.lost THEN 'lost' ELSE coalesce(stage_outcome(p.name), 'open') END AS outcome
FROM opportunities_salesphase AS p
