-- Cards of loyalty programmes; coupons, gift cards and wallets are none.
SELECT text(card.id) AS loyalty_id, text(coalesce(p.commercial_partner_id, p.id)) AS customer_id, i18n(program.name) AS program,
       card.create_date AS joined_at, card.points AS points_balance, card.write_date AS updated_at
FROM loyalty_card AS card
JOIN loyalty_program AS program ON program.id = card.program_id AND program.program_type = 'loyalty'
JOIN res_partner AS p ON p.id = card.partner_id
