SELECT text(h.id) AS entry_id, text(h.card_id) AS loyalty_id, h.create_date AS occurred_at,
       coalesce(h.issued, 0) - coalesce(h.used, 0) AS points,
       CASE WHEN h.order_model = 'sale.order' THEN text(o.id) END AS order_id, h.description AS reason
FROM loyalty_history AS h
JOIN loyalty_card AS card ON card.id = h.card_id AND card.partner_id IS NOT NULL
JOIN loyalty_program AS program ON program.id = card.program_id AND program.program_type = 'loyalty'
LEFT JOIN sale_order AS o ON o.id = h.order_id
