-- A deal that ends keeps the stage in which it was, so each pipeline has three ends of its own: won, lost, void.
SELECT text(s.id) AS stage_id, text(t.id) AS pipeline_id, t.name AS pipeline_name, s.name AS name, s.sort AS position,
       s.percent / 100.0 AS probability, 'open' AS outcome
FROM crm_business_status AS s
JOIN crm_business_status_type AS t ON t.id = s.type_id
WHERE coalesce(mapped(s.tenant_id, 'tenant'), CASE WHEN s.tenant_id IS NULL THEN 'yes' END) = 'yes'
UNION ALL
SELECT concat(text(t.id), '-', e.outcome), text(t.id), t.name, e.name, 1000 + e.number, e.probability, e.outcome
FROM crm_business_status_type AS t
CROSS JOIN (SELECT 1 AS number, 'won' AS outcome, '赢单' AS name, 1 AS probability
            UNION ALL SELECT 2, 'lost', '输单', 0 UNION ALL SELECT 3, 'void', '无效', 0) AS e
WHERE coalesce(mapped(t.tenant_id, 'tenant'), CASE WHEN t.tenant_id IS NULL THEN 'yes' END) = 'yes'
