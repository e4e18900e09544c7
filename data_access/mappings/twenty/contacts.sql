SELECT p.id AS contact_id, p.customer_id AS customer_id, p.full_name AS full_name, p.email AS email, p.phone AS phone,
       p.job_title AS job_title, p.created_at AS created_at, p.updated_at AS updated_at
FROM people AS p
