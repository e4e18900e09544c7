-- What a phase means: its flags, else its name. The phase that creme made as "Abandoned" is known by its uuid under any other
-- name, unless some phase bears a name that is void.
SELECT p.id AS id, p.name AS name, p."order" AS place,
       CASE WHEN p.won THEN 'won' WHEN p.lost THEN 'lost'
            ELSE coalesce(stage_outcome(p.name), CASE WHEN named.n = 0 THEN stage_outcome(lower(replace(p.uuid, '-', ''))) END, 'open')
       END AS outcome
FROM opportunities_salesphase AS p
CROSS JOIN (SELECT count(*) AS n FROM opportunities_salesphase AS q WHERE stage_outcome(q.name) = 'void') AS named
