-- Those who ask, with whom they count: their organisation, else they themselves. Agents are not among them.
SELECT u.id AS id, o.id AS organization_id,
       CASE WHEN o.id IS NOT NULL THEN concat('organization:', text(o.id)) ELSE text(u.id) END AS customer_id
FROM "user" AS u
LEFT JOIN organization AS o ON o.id = u.organization_id AND NOT coalesce(o._fivetran_deleted, FALSE)
LEFT JOIN agents AS agent ON agent.id = u.id
WHERE agent.id IS NULL AND coalesce(u.role, 'end-user') = 'end-user'
