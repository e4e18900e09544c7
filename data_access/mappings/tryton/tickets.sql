-- Every complaint is one, opened on its own day; only its last change is dated.
SELECT text(c.id) AS ticket_id, text(c.customer) AS customer_id,
       text(coalesce(s.id, l.sale)) AS order_id, c.description AS subject, kind.name AS category, TRUE AS is_complaint,
       c.state AS status_raw, mapped(c.state, 'complaint_state') AS status,
       CASE WHEN to_utc(add_days(c.date, 1), setting('timezone')) <= c.create_date THEN to_utc(c.date, setting('timezone'))
            ELSE c.create_date END AS opened_at,
       CASE WHEN c.state IN ('done', 'rejected') THEN coalesce(c.write_date, c.create_date) END AS resolved_at,
       CASE WHEN c.state IN ('done', 'rejected') THEN coalesce(c.write_date, c.create_date) END AS closed_at,
       text(coalesce(c.approved_by, c.rejected_by, c.submitted_by)) AS owner_id, c.write_date AS updated_at
FROM sale_complaint AS c
LEFT JOIN sale_complaint_type AS kind ON kind.id = c.type
LEFT JOIN sale_sale AS s ON c.origin = concat('sale.sale,', text(s.id))
LEFT JOIN sale_line AS l ON c.origin = concat('sale.line,', text(l.id))
