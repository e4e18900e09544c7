SELECT p.id AS contact_id, CASE WHEN p.organization IS NOT NULL OR p.alone IS NOT NULL THEN p.customer_id END AS customer_id,
       p.full_name AS full_name, p.email AS email, p.phone AS phone, p.job_title AS job_title, p.opted_out AS opted_out,
       p.created_at AS created_at, p.updated_at AS updated_at
FROM people AS p
