-- Customer invoices and credit notes of a company that never confirmed a sale order; of all others none.
SELECT m.id AS id, m.name AS name, m.state AS state, m.move_type AS move_type, coalesce(m.commercial_partner_id, m.partner_id) AS partner_id,
       m.invoice_user_id AS user_id, coalesce(m.invoice_date, m.date) AS day, m.currency_id AS currency_id, m.company_id AS company_id,
       m.amount_untaxed AS amount_untaxed, m.amount_untaxed_signed AS amount_untaxed_signed, m.amount_tax AS amount_tax,
       m.medium_id AS medium_id, m.source_id AS source_id, m.campaign_id AS campaign_id, m.write_date AS write_date,
       CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END AS sign
FROM account_move AS m
WHERE m.move_type IN ('out_invoice', 'out_receipt', 'out_refund') AND NOT EXISTS (SELECT 1 FROM sale_order AS o WHERE o.state IN ('sale', 'done'))
