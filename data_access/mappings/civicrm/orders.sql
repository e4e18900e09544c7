-- Contributions; trials and templates of repeated ones are none. `receive_date` is what the site's clock showed.
SELECT text(b.id) AS order_id, text(p.id) AS customer_id, b.invoice_number AS order_no, coalesce(o.name, text(b.contribution_status_id)) AS status_raw,
       mapped(coalesce(o.name, 'pending'), 'contribution_status') AS status, to_utc(b.receive_date, setting('timezone')) AS ordered_at,
       CASE WHEN o.name IN ('Cancelled', 'Failed') AND b.cancel_date >= b.receive_date THEN to_utc(b.cancel_date, setting('timezone')) END AS cancelled_at,
       coalesce(b.currency, setting('base_currency')) AS currency, coalesce(b.total_amount, 0) - coalesce(b.tax_amount, 0) AS net,
       coalesce(b.tax_amount, 0) AS tax,
       CASE WHEN o.name IN ('Refunded', 'Chargeback') THEN coalesce(b.total_amount, 0) - coalesce(b.tax_amount, 0) ELSE 0 END AS refunded,
       coalesce(b.is_test, FALSE) AS is_test, CASE WHEN b.total_amount < 0 THEN 'credit_note' ELSE 'contribution' END AS document
FROM contribution AS b
LEFT JOIN options AS o ON o.group_name = 'contribution_status' AND o.code = text(b.contribution_status_id)
LEFT JOIN people AS p ON p.id = b.contact_id
WHERE NOT coalesce(b.is_template, FALSE) AND b.receive_date IS NOT NULL
