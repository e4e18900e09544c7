SELECT text(i.id) AS order_item_id, text(b.id) AS order_id, i.label AS description, coalesce(i.qty, 1) AS quantity,
       coalesce(i.unit_price, 0) AS unit_price, coalesce(i.line_total, 0) AS net
FROM line_item AS i
JOIN contribution AS b ON b.id = i.contribution_id AND NOT coalesce(b.is_template, FALSE) AND b.receive_date IS NOT NULL
