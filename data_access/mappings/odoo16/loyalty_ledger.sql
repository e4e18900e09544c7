-- Odoo keeps balances; what confirmed orders earned and cost is known of each. Changes by hand are not.
SELECT concat('earned-', text(e.id)) AS entry_id, text(e.coupon_id) AS loyalty_id, o.date_order AS occurred_at,
       e.points AS points, text(o.id) AS order_id, 'order' AS reason
FROM sale_order_coupon_points AS e
JOIN sale_order AS o ON o.id = e.order_id AND o.state IN ('sale', 'done')
JOIN loyalty_card AS card ON card.id = e.coupon_id AND card.partner_id IS NOT NULL
JOIN loyalty_program AS program ON program.id = card.program_id AND program.program_type = 'loyalty'
UNION ALL
SELECT concat('spent-', text(l.id)), text(l.coupon_id), o.date_order, -l.points_cost, text(o.id), 'reward'
FROM sale_order_line AS l
JOIN sale_order AS o ON o.id = l.order_id AND o.state IN ('sale', 'done')
JOIN loyalty_card AS card ON card.id = l.coupon_id AND card.partner_id IS NOT NULL
JOIN loyalty_program AS program ON program.id = card.program_id AND program.program_type = 'loyalty'
WHERE l.points_cost <> 0
