-- Invoices: the application has no orders. `subtotal_amount` is after discount and before tax; where a program wrote the
-- total alone, tax and shipping are taken off it. The twin columns named `usdollar` are in the base currency.
WITH bills AS (
    SELECT i.id, i.number, i.status, i.billing_account_id, i.billing_contact_id, i.assigned_user_id, i.date_modified,
           coalesce(to_utc(coalesce(i.invoice_date, i.quote_date), setting('timezone')), i.date_entered) AS ordered_at,
           coalesce(nullif(trim(i.currency_id), ''), '-99') AS currency_id,
           CASE WHEN i.subtotal_amount <> 0 OR coalesce(i.total_amount, 0) = 0 THEN coalesce(i.subtotal_amount, 0)
                ELSE i.total_amount - coalesce(i.tax_amount, 0) - coalesce(i.shipping_amount, 0)
                     - coalesce(i.shipping_tax_amt, 0) END AS net,
           CASE WHEN i.subtotal_amount <> 0 OR coalesce(i.total_amount, 0) = 0 THEN i.subtotal_amount_usdollar
                ELSE i.total_amount_usdollar - coalesce(i.tax_amount_usdollar, 0)
                     - coalesce(i.shipping_amount_usdollar, 0) - coalesce(i.shipping_tax_amt_usdollar, 0) END AS net_base,
           abs(coalesce(i.discount_amount, 0)) AS discount, coalesce(i.shipping_amount, 0) AS shipping,
           coalesce(i.tax_amount, 0) + coalesce(i.shipping_tax_amt, 0) AS tax
    FROM aos_invoices AS i
    WHERE i.deleted = 0
)
SELECT b.id AS order_id, coalesce(customer.id, employer.account_id) AS customer_id, person.id AS contact_id,
       deal.id AS opportunity_id, owner.id AS owner_id, text(b.number) AS order_no,
       coalesce(nullif(trim(b.status), ''), '(none)') AS status_raw,
       mapped(coalesce(nullif(trim(b.status), ''), '(none)'), 'invoice_status') AS status, b.ordered_at AS ordered_at,
       CASE WHEN b.currency_id = '-99' THEN setting('base_currency') ELSE currency.iso4217 END AS currency,
       CASE WHEN b.currency_id = '-99' THEN 1
            WHEN b.net <> 0 AND b.net_base <> 0 THEN b.net_base / b.net
            ELSE 1 / nullif(currency.conversion_rate, 0) END AS fx_to_base,
       b.net AS net, b.discount AS discount, b.tax AS tax, b.shipping AS shipping,
       CASE WHEN b.currency_id = '-99' THEN b.net
            WHEN b.net_base IS NOT NULL AND (b.net_base <> 0 OR b.net = 0) THEN b.net_base
            ELSE b.net / nullif(currency.conversion_rate, 0) END AS net_base,
       'invoice' AS document, b.date_modified AS updated_at
FROM bills AS b
LEFT JOIN accounts AS customer ON customer.id = b.billing_account_id AND customer.deleted = 0
LEFT JOIN contacts AS person ON person.id = b.billing_contact_id AND person.deleted = 0
LEFT JOIN employers AS employer ON employer.contact_id = person.id
LEFT JOIN (SELECT l.aos_quotes6b83nvoices_idb AS invoice_id, min(q.opportunity_id) AS opportunity_id
           FROM aos_quotes_aos_invoices_c AS l
           JOIN aos_quotes AS q ON q.id = l.aos_quotes77d9_quotes_ida AND q.deleted = 0
           WHERE l.deleted = 0 AND q.opportunity_id <> ''
           GROUP BY l.aos_quotes6b83nvoices_idb) AS quote ON quote.invoice_id = b.id
LEFT JOIN opportunities AS deal ON deal.id = quote.opportunity_id AND deal.deleted = 0
LEFT JOIN users AS owner ON owner.id = b.assigned_user_id
LEFT JOIN currencies AS currency ON currency.id = b.currency_id
