-- Invoices before tax in their own currency; base = amount / conversion_rate.
SELECT text(i.invoiceid) AS order_id, coalesce(text(account.crmid), text(employer.crmid)) AS customer_id,
       text(person.crmid) AS contact_id, text(owner.id) AS owner_id, nullif(i.invoice_no, '') AS order_no,
       coalesce(i.invoicestatus, '') AS status_raw, mapped(coalesce(i.invoicestatus, ''), 'invoice_status') AS status,
       to_utc(coalesce(i.invoicedate, e.createdtime), setting('timezone')) AS ordered_at,
       coalesce(currency.currency_code, setting('base_currency')) AS currency,
       1 / coalesce(nullif(i.conversion_rate, 0), 1) AS fx_to_base, i.pre_tax_total AS net, 'invoice' AS document
FROM vtiger_invoice AS i
JOIN vtiger_crmentity AS e ON e.crmid = i.invoiceid AND e.deleted = 0
LEFT JOIN vtiger_crmentity AS account ON account.crmid = i.accountid AND account.setype = 'Accounts' AND account.deleted = 0
LEFT JOIN vtiger_crmentity AS person ON person.crmid = i.contactid AND person.setype = 'Contacts' AND person.deleted = 0
LEFT JOIN vtiger_contactdetails AS detail ON detail.contactid = person.crmid
LEFT JOIN vtiger_crmentity AS employer ON employer.crmid = detail.accountid AND employer.setype = 'Accounts' AND employer.deleted = 0
LEFT JOIN vtiger_currency_info AS currency ON currency.id = i.currency_id
LEFT JOIN vtiger_users AS owner ON owner.id = e.smownerid
