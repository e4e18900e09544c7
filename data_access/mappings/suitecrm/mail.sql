-- The e-mail addresses of everything that has one.
SELECT r.bean_id, r.bean_module, r.primary_address, e.id AS address_id, e.email_address,
       CASE WHEN e.opt_out = 1 THEN 'no' WHEN e.confirm_opt_in IN ('opt-in', 'confirmed-opt-in') THEN 'yes'
            ELSE 'unknown' END AS consent
FROM email_addr_bean_rel AS r
JOIN email_addresses AS e ON e.id = r.email_address_id AND e.deleted = 0
WHERE r.deleted = 0
