-- Who owns deals are employees; the log names the users that act for them.
SELECT text(e.id) AS user_id, p.name AS name, e.end_date IS NULL AS is_active, text(e.supervisor) AS manager_id, e.write_date AS updated_at
FROM company_employee AS e
JOIN party_party AS p ON p.id = e.party
