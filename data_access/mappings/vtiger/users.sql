SELECT text(u.id) AS user_id, coalesce(nullif(trim(concat(u.first_name, ' ', u.last_name)), ''), u.user_name) AS name,
       nullif(u.email1, '') AS email, u.status = 'Active' AND u.deleted = 0 AS is_active
FROM vtiger_users AS u
