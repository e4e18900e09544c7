-- Invoices, without tax, on their posting day. A return is an invoice of its own with amounts below zero. Opening invoices bring
-- balances from another system, and are no sale. Base amounts are in the currency of the invoice's company.
WITH sellers AS (
    SELECT s.parent AS invoice, min(u.name) AS owner_id
    FROM "Sales Team" AS s
    JOIN "Sales Person" AS p ON p.name = s.sales_person
    JOIN "Employee" AS e ON e.name = p.employee
    JOIN "User" AS u ON u.name = e.user_id AND u.user_type = 'System User'
    WHERE s.parenttype = 'Sales Invoice' AND s.idx = 1
    GROUP BY s.parent
),
quoted AS (
    SELECT q.name AS quotation, min(coalesce(nullif(q.opportunity, ''), i.prevdoc_docname)) AS deal
    FROM "Quotation" AS q
    LEFT JOIN "Quotation Item" AS i ON i.parent = q.name AND i.prevdoc_doctype = 'Opportunity'
    GROUP BY q.name
),
led AS (
    SELECT line.parent AS invoice, min(quoted.deal) AS deal
    FROM "Sales Invoice Item" AS line
    JOIN "Sales Order Item" AS o ON o.parent = line.sales_order
    JOIN quoted ON quoted.quotation = o.prevdoc_docname
    GROUP BY line.parent
)
SELECT i.name AS order_id, c.name AS customer_id, person.id AS contact_id, deal.name AS opportunity_id,
       coalesce(sellers.owner_id, manager.name) AS owner_id, i.name AS order_no, coalesce(nullif(i.status, ''), text(i.docstatus)) AS status_raw,
       CASE i.docstatus WHEN 0 THEN 'draft' WHEN 2 THEN 'cancelled' ELSE 'confirmed' END AS status,
       to_utc(i.posting_date, setting('timezone')) AS ordered_at,
       CASE WHEN i.docstatus = 2 THEN to_utc(i.modified, setting('timezone')) END AS cancelled_at, i.currency AS currency,
       CASE WHEN i.currency = setting('base_currency') THEN 1
            WHEN company.default_currency = setting('base_currency') THEN i.conversion_rate
            ELSE i.conversion_rate * r.rate END AS fx_to_base,
       i.net_total AS net, coalesce(i.total_taxes_and_charges, 0) AS tax,
       CASE WHEN i.currency = setting('base_currency') THEN i.net_total
            WHEN company.default_currency = setting('base_currency') THEN i.base_net_total
            ELSE i.base_net_total * r.rate END AS net_base,
       channel(coalesce(nullif(i.source, ''), i.utm_source, '')) AS channel, k.name AS campaign_id,
       CASE WHEN i.is_return = 1 THEN 'credit_note' ELSE 'invoice' END AS document, to_utc(i.modified, setting('timezone')) AS updated_at
FROM "Sales Invoice" AS i
LEFT JOIN "Company" AS company ON company.name = i.company
LEFT JOIN rate_span AS r ON r.currency = company.default_currency AND r.since <= i.posting_date AND (r.until IS NULL OR r.until > i.posting_date)
LEFT JOIN "Customer" AS c ON c.name = i.customer
LEFT JOIN "User" AS manager ON manager.name = c.account_manager AND manager.user_type = 'System User'
LEFT JOIN people AS person ON person.id = i.contact_person
LEFT JOIN sellers ON sellers.invoice = i.name
LEFT JOIN led ON led.invoice = i.name
LEFT JOIN "Opportunity" AS deal ON deal.name = led.deal
LEFT JOIN "Campaign" AS k ON k.name = coalesce(nullif(i.campaign, ''), i.utm_campaign)
WHERE coalesce(i.is_opening, 'No') <> 'Yes'
