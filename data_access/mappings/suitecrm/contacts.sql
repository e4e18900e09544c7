SELECT c.id AS contact_id, employer.account_id AS customer_id,
       coalesce(nullif(trim(concat(c.first_name, ' ', c.last_name)), ''), c.id) AS full_name, 
       (SELECT m.email_address FROM mail AS m WHERE m.bean_id = c.id AND m.bean_module = 'Contacts'
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1) AS email,
       coalesce(nullif(trim(c.phone_work), ''), nullif(trim(c.phone_mobile), '')) AS phone,
       nullif(trim(c.title), '') AS job_title, 
       (SELECT CASE m.consent WHEN 'no' THEN TRUE ELSE FALSE END FROM mail AS m
        WHERE m.bean_id = c.id AND m.bean_module = 'Contacts'
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1) AS opted_out,
       coalesce(c.date_entered, c.date_modified) AS created_at, c.date_modified AS updated_at
FROM contacts AS c
LEFT JOIN employers AS employer ON employer.contact_id = c.id
WHERE c.deleted = 0
