-- Agents, those too who have left: their seat is freed by making them end users, and tickets that they were given still name them.
SELECT u.id AS id
FROM "user" AS u
LEFT JOIN (SELECT DISTINCT t.assignee_id AS id FROM ticket AS t WHERE t.assignee_id IS NOT NULL) AS given ON given.id = u.id
WHERE u.role IN ('agent', 'admin') OR given.id IS NOT NULL
