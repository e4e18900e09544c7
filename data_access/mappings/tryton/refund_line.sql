-- Lines of posted credit notes that go back, through the line that was invoiced, to a line of a confirmed sale, whose
-- invoice counts as settled and is never made anew. A return is a sale of its own.
SELECT c.id AS id, c.invoice AS invoice, s.id AS sale, c.product AS product, c.description AS description, c.quantity AS quantity,
       c.unit_price AS unit_price
FROM account_invoice_line AS c
JOIN account_invoice AS n ON n.id = c.invoice AND n.type = 'out' AND n.state IN ('posted', 'paid')
JOIN account_invoice_line AS l ON c.origin = concat('account.invoice.line,', text(l.id))
JOIN sale_line AS sold ON l.origin = concat('sale.line,', text(sold.id))
JOIN sale_sale AS s ON s.id = sold.sale AND s.state IN ('confirmed', 'processing', 'done')
WHERE c.type = 'line' AND c.quantity * c.unit_price < 0
