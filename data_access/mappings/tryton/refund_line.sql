-- Lines of posted credit notes that go back, through the line that was invoiced, to a line of a confirmed sale. What was
-- credited in order to be invoiced anew (its invoice was recreated) is no loss. A return is a sale of its own.
SELECT c.id AS id, c.invoice AS invoice, s.id AS sale, c.product AS product, c.description AS description, c.quantity AS quantity,
       c.unit_price AS unit_price
FROM account_invoice_line AS c
JOIN account_invoice AS n ON n.id = c.invoice AND n.type = 'out' AND n.state IN ('posted', 'paid')
JOIN account_invoice_line AS l ON c.origin = concat('account.invoice.line,', text(l.id))
JOIN sale_line AS sold ON l.origin = concat('sale.line,', text(sold.id))
JOIN sale_sale AS s ON s.id = sold.sale AND s.state IN ('confirmed', 'processing', 'done')
WHERE c.type = 'line' AND c.quantity * c.unit_price < 0
  AND NOT EXISTS (SELECT 1 FROM ident("sale_sale-recreated-account_invoice") AS r WHERE r.invoice = l.invoice AND r.sale = s.id)
