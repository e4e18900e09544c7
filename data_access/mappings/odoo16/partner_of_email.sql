-- The partner who has an e-mail address; of several the first.
SELECT email_normalized AS email, min(id) AS id FROM res_partner WHERE email_normalized IS NOT NULL GROUP BY email_normalized
