-- Sales; of one that is not confirmed Tryton keeps no total, and its lines are added up. A sale below zero is a return. Credit
-- notes lower revenue on their own date, as far as their lines go back to those of a confirmed sale. The rate is that of the
-- document's own day.
WITH line AS (SELECT l.sale, sum(l.unit_price * l.quantity) AS net FROM sale_line AS l WHERE l.type = 'line' GROUP BY l.sale),
refund AS (SELECT r.invoice, min(r.sale) AS sale, sum(r.unit_price * r.quantity) AS net FROM refund_line AS r GROUP BY r.invoice),
document AS (
  SELECT text(s.id) AS order_id, s.id AS sale, s.party AS party, s.currency AS currency, coalesce(s.number, s.reference) AS order_no,
         s.state AS status_raw, coalesce(s.sale_date, day(s.create_date)) AS rated_on,
         coalesce(to_utc(s.sale_date, setting('timezone')), s.create_date) AS ordered_at,
         coalesce(s.untaxed_amount_cache, line.net, 0) AS net, coalesce(s.tax_amount_cache, 0) AS tax,
         CASE WHEN coalesce(s.untaxed_amount_cache, line.net, 0) < 0 THEN 'credit_note' ELSE 'order' END AS kind,
         s.write_date AS updated_at
  FROM sale_sale AS s
  LEFT JOIN line ON line.sale = s.id
  UNION ALL
  SELECT concat('refund-', text(n.id)), refund.sale, n.party, n.currency, n.number, n.state, coalesce(n.invoice_date, day(n.create_date)),
         coalesce(to_utc(n.invoice_date, setting('timezone')), n.create_date), refund.net,
         CASE WHEN n.untaxed_amount_cache <> 0 THEN coalesce(n.tax_amount_cache, 0) * refund.net / n.untaxed_amount_cache ELSE 0 END,
         'credit_note', n.write_date
  FROM refund
  JOIN account_invoice AS n ON n.id = refund.invoice
)
SELECT d.order_id AS order_id, text(d.party) AS customer_id, CASE WHEN d.order_id = text(s.id) THEN text(o.id) END AS opportunity_id,
       text(coalesce(s.confirmed_by, s.quoted_by, o.employee)) AS owner_id, d.order_no AS order_no,
       d.status_raw AS status_raw, mapped(d.status_raw, 'sale_state') AS status, d.ordered_at AS ordered_at, currency.code AS currency,
       CASE WHEN currency.code = setting('base_currency') THEN 1 ELSE coalesce(base.rate, 1) / theirs.rate END AS fx_to_base,
       d.net AS net, d.tax AS tax,
       coalesce(channel(medium.name), channel(source.name), CASE WHEN coalesce(medium.name, source.name) IS NOT NULL THEN 'other' END) AS channel,
       text(s.marketing_campaign) AS campaign_id, d.kind AS document, d.updated_at AS updated_at
FROM document AS d
JOIN sale_sale AS s ON s.id = d.sale
LEFT JOIN currency_currency AS currency ON currency.id = d.currency
LEFT JOIN rate_span AS theirs ON theirs.currency = currency.code AND theirs.since <= d.rated_on AND (theirs.until IS NULL OR d.rated_on < theirs.until)
LEFT JOIN rate_span AS base ON base.currency = setting('base_currency') AND base.since <= d.rated_on
  AND (base.until IS NULL OR d.rated_on < base.until)
LEFT JOIN marketing_medium AS medium ON medium.id = s.marketing_medium
LEFT JOIN marketing_source AS source ON source.id = s.marketing_source
LEFT JOIN sale_opportunity AS o ON s.origin = concat('sale.opportunity,', text(o.id))
