-- Titles and subtotals (type 9) are no lines.
SELECT text(i.rowid) AS order_item_id, text(f.rowid) AS order_id, text(p.rowid) AS product_id, i.description AS description,
       coalesce(i.qty, 0) AS quantity, coalesce(i.subprice, 0) AS unit_price,
       coalesce(i.qty * i.subprice - i.total_ht, 0) AS discount, coalesce(i.total_ht, 0) AS net
FROM facturedet AS i
JOIN facture AS f ON f.rowid = i.fk_facture AND f.type <> 4 AND mapped(f.entity, 'entity') = 'yes'
LEFT JOIN product AS p ON p.rowid = i.fk_product AND mapped(p.entity, 'entity') = 'yes'
WHERE coalesce(i.product_type, 0) <> 9
