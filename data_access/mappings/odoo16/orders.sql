-- Sale orders without tax, delivery included, as Odoo's own reports count them; `currency_rate` is units of the order's currency
-- for one of its company's. Credit notes come from accounting, as far as their lines go back to lines of a confirmed order that
-- were not invoiced anew, on their own date: a corrected invoice, a refunded down payment and a cancelled order lower revenue
-- only once. Where nothing was ever sold by order, the invoices are the orders. What another company of the database books in
-- another currency is converted by the day's rate.
WITH reduced AS (  -- what lines take off
  SELECT l.order_id, sum(CASE WHEN l.discount < 100 THEN l.price_subtotal * l.discount / (100 - l.discount)
                              ELSE l.price_unit * l.product_uom_qty END) AS discount
  FROM sale_order_line AS l
  WHERE l.display_type IS NULL AND l.discount <> 0
  GROUP BY l.order_id
),
refund AS (
  SELECT r.move_id, min(r.order_id) AS order_id, sum(r.price_subtotal * r.part) AS net FROM refund_line AS r GROUP BY r.move_id
),
document AS (
  SELECT text(o.id) AS order_id, o.partner_id AS partner_id, text(o.opportunity_id) AS opportunity_id, text(o.user_id) AS owner_id,
         o.name AS order_no, o.state AS status_raw, o.date_order AS ordered_at, o.currency_id AS currency_id,
         o.company_id AS company_id, CASE WHEN o.currency_rate <> 0 THEN 1 / o.currency_rate END AS rate,
         o.amount_untaxed AS net, coalesce(e.discount, 0) AS discount, o.amount_tax AS tax,
         o.medium_id AS medium_id, o.source_id AS source_id, o.campaign_id AS campaign_id,
         o.website_id AS website_id, 'order' AS kind, o.write_date AS updated_at
  FROM sale_order AS o
  LEFT JOIN reduced AS e ON e.order_id = o.id
  UNION ALL
  SELECT concat('refund-', text(m.id)), coalesce(m.commercial_partner_id, m.partner_id), NULL, text(coalesce(m.invoice_user_id, o.user_id)),
         m.name, m.state, to_utc(m.invoice_date, setting('timezone')), m.currency_id, m.company_id,
         CASE WHEN m.amount_untaxed <> 0 THEN abs(m.amount_untaxed_signed / m.amount_untaxed) END,
         -r.net, 0, CASE WHEN m.amount_untaxed <> 0 THEN -m.amount_tax * r.net / m.amount_untaxed ELSE 0 END,
         o.medium_id, o.source_id, o.campaign_id, o.website_id, 'credit_note', m.write_date
  FROM refund AS r
  JOIN account_move AS m ON m.id = r.move_id
  JOIN sale_order AS o ON o.id = r.order_id
  WHERE r.net > 0
  UNION ALL
  SELECT concat('invoice-', text(m.id)), m.partner_id, NULL, text(m.user_id), m.name, m.state, to_utc(m.day, setting('timezone')),
         m.currency_id, m.company_id, CASE WHEN m.amount_untaxed <> 0 THEN abs(m.amount_untaxed_signed / m.amount_untaxed) END,
         m.amount_untaxed * m.sign, 0, m.amount_tax * m.sign, m.medium_id, m.source_id, m.campaign_id, NULL,
         CASE WHEN m.sign < 0 THEN 'credit_note' ELSE 'invoice' END, m.write_date
  FROM invoice_if_no_order AS m
)
SELECT d.order_id AS order_id, p.customer_id AS customer_id, p.contact_id AS contact_id,
       d.opportunity_id AS opportunity_id, d.owner_id AS owner_id, d.order_no AS order_no, d.status_raw AS status_raw,
       mapped(d.status_raw, 'order_state') AS status, d.ordered_at AS ordered_at, currency.name AS currency,
       d.rate * CASE WHEN home.name = setting('base_currency') THEN 1 ELSE coalesce(base_span.rate, 1) / home_span.rate END AS fx_to_base,
       d.net AS net, d.discount AS discount, d.tax AS tax,
       d.net * d.rate * CASE WHEN home.name = setting('base_currency') THEN 1 ELSE coalesce(base_span.rate, 1) / home_span.rate END AS net_base,
       coalesce(CASE WHEN channel(medium.name) NOT IN ('website', 'direct') THEN channel(medium.name) END, channel(source.name),
                channel(medium.name), CASE WHEN d.website_id IS NOT NULL THEN 'website' END,
                CASE WHEN coalesce(medium.name, source.name) IS NOT NULL THEN 'other' END) AS channel,
       coalesce(text(d.campaign_id), mailing.campaign) AS campaign_id, d.kind AS document, d.updated_at AS updated_at
FROM document AS d
JOIN partner AS p ON p.id = d.partner_id
LEFT JOIN res_currency AS currency ON currency.id = d.currency_id
LEFT JOIN res_company AS company ON company.id = d.company_id
LEFT JOIN res_currency AS home ON home.id = company.currency_id
LEFT JOIN rate_span AS home_span ON home.name <> setting('base_currency') AND home_span.currency = home.name
  AND home_span.since <= day(d.ordered_at) AND (home_span.until IS NULL OR day(d.ordered_at) < home_span.until)
LEFT JOIN rate_span AS base_span ON home.name <> setting('base_currency') AND base_span.currency = setting('base_currency')
  AND base_span.since <= day(d.ordered_at) AND (base_span.until IS NULL OR day(d.ordered_at) < base_span.until)
LEFT JOIN utm_medium AS medium ON medium.id = d.medium_id
LEFT JOIN utm_source AS source ON source.id = d.source_id
LEFT JOIN mailing_of_source AS mailing ON mailing.source_id = d.source_id
