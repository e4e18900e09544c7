-- An abandoned deal has neither flag: what such a phase means is said by its name in [stage_outcomes].
SELECT text(p.id) AS stage_id, 'sales' AS pipeline_id, 'Sales' AS pipeline_name, p.name AS name, p.place AS position, p.outcome AS outcome
FROM phase AS p
