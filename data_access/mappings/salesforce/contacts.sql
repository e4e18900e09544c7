SELECT c.id AS contact_id, a.id AS customer_id,
       coalesce(c.name, trim(concat(c.first_name, ' ', c.last_name))) AS full_name, c.email AS email, c.phone AS phone,
       c.title AS job_title, c.has_opted_out_of_email AS opted_out,
       coalesce(c.created_date, c.last_modified_date, c._fivetran_synced) AS created_at, c.last_modified_date AS updated_at
FROM contact AS c
LEFT JOIN account AS a ON a.id = c.account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
WHERE NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
