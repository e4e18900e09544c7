-- A partner as customer and contact: who is billed for it, and itself where it is a person there and not one of our own.
SELECT p.id AS id, text(coalesce(p.commercial_partner_id, p.id)) AS customer_id,
       CASE WHEN p.id <> p.commercial_partner_id AND coalesce(p.type, 'contact') = 'contact' AND coalesce(p.partner_share, TRUE)
            THEN text(p.id) END AS contact_id
FROM res_partner AS p
