-- People who work for an organisation.
SELECT text(p.id) AS contact_id, text(employer.id) AS customer_id, coalesce(p.name, p.email, text(p.id)) AS full_name,
       p.email AS email, c.job_title AS job_title, c.is_opt_out AS opted_out,
       coalesce(c.created_date, c.modified_date) AS created_at, c.modified_date AS updated_at
FROM people AS p
JOIN contact AS c ON c.id = p.id
JOIN people AS employer ON employer.id = c.employer_id
WHERE p.contact_type = 'Individual'
