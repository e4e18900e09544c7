-- Revenue is what was invoiced: orders and quotes are not counted beside it. Type 2 is a credit note; an invoice that was
-- given up or replaced by another one does not count, a bad debt does. Proforma (4) is none. `total_ht` is in the base currency.
SELECT text(f.rowid) AS order_id, text(s.rowid) AS customer_id, text(d.id) AS opportunity_id, text(u.rowid) AS owner_id,
       f.ref AS order_no, text(f.fk_statut) AS status_raw,
       CASE WHEN f.fk_statut = 0 THEN 'draft' WHEN f.fk_statut = 3 AND coalesce(f.close_code, 'abandon') IN ('abandon', 'replaced') THEN 'cancelled'
            ELSE 'confirmed' END AS status,
       to_utc(coalesce(f.datef, day(f.datec)), setting('timezone')) AS ordered_at, setting('base_currency') AS currency,
       coalesce(f.total_ht, 0) AS net, coalesce(f.tax, 0) AS tax,
       CASE WHEN f.type = 2 OR f.total_ht < 0 THEN 'credit_note' ELSE 'invoice' END AS document,
       to_utc(f.tms, setting('timezone')) AS updated_at
FROM facture AS f
LEFT JOIN societe AS s ON s.rowid = f.fk_soc AND s.client IN (1, 2, 3) AND mapped(s.entity, 'entity') = 'yes'
LEFT JOIN deals AS d ON d.id = f.fk_projet
LEFT JOIN "user" AS u ON u.rowid = f.fk_user_author
WHERE f.type <> 4 AND mapped(f.entity, 'entity') = 'yes'
