SELECT e.name AS entry_id, concat(e.loyalty_program, ':', c.name) AS loyalty_id, to_utc(e.posting_date, setting('timezone')) AS occurred_at,
       e.loyalty_points AS points, i.name AS order_id, CASE WHEN e.loyalty_points < 0 THEN 'redeemed' ELSE 'purchase' END AS reason
FROM "Loyalty Point Entry" AS e
JOIN "Customer" AS c ON c.name = e.customer
LEFT JOIN "Sales Invoice" AS i ON i.name = e.invoice AND e.invoice_type = 'Sales Invoice' AND coalesce(i.is_opening, 'No') <> 'Yes'
WHERE e.docstatus <> 2
