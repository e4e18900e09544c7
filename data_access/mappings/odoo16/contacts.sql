-- People at a customer; addresses for deliveries and invoices are none, nor are the company's own people.
SELECT text(p.id) AS contact_id, text(p.commercial_partner_id) AS customer_id,
       coalesce(p.name, p.display_name, p.email, text(p.id)) AS full_name, p.email AS email,
       email_key(coalesce(p.email_normalized, p.email)) AS email_key,
       coalesce(p.phone, p.mobile) AS phone, p.function AS job_title,
       CASE WHEN refusal.email IS NOT NULL THEN TRUE END AS opted_out,
       coalesce(p.create_date, p.write_date, from_epoch(0)) AS created_at, p.write_date AS updated_at
FROM res_partner AS p
LEFT JOIN (SELECT email FROM mail_blacklist WHERE active GROUP BY email) AS refusal ON refusal.email = p.email_normalized
WHERE p.id <> p.commercial_partner_id AND coalesce(p.type, 'contact') = 'contact' AND coalesce(p.partner_share, TRUE)
