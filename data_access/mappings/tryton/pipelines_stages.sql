-- The states are Tryton's own and cannot be changed. A cancelled opportunity was never one.
SELECT 'lead' AS stage_id, 'Lead' AS name, 1 AS position, 'open' AS outcome FROM company_company WHERE id = (SELECT min(id) FROM company_company)
UNION ALL
SELECT 'opportunity', 'Opportunity', 2, 'open' FROM company_company WHERE id = (SELECT min(id) FROM company_company)
UNION ALL
SELECT 'converted', 'Converted', 3, 'open' FROM company_company WHERE id = (SELECT min(id) FROM company_company)
UNION ALL
SELECT 'won', 'Won', 4, 'won' FROM company_company WHERE id = (SELECT min(id) FROM company_company)
UNION ALL
SELECT 'lost', 'Lost', 5, 'lost' FROM company_company WHERE id = (SELECT min(id) FROM company_company)
UNION ALL
SELECT 'cancelled', 'Cancelled', 6, 'void' FROM company_company WHERE id = (SELECT min(id) FROM company_company)
