-- Territories, as the tree that they are.
SELECT t.name AS team_id, t.name AS name, parent.name AS parent_team_id, t.name AS region
FROM "Territory" AS t
LEFT JOIN "Territory" AS parent ON parent.name = t.parent_territory
