-- Sales; of one that is not confirmed Tryton keeps no total, and its lines are added up. A sale below zero is a return.
-- The rate is that of the sale's own day.
WITH line AS (SELECT l.sale, sum(l.unit_price * l.quantity) AS net FROM sale_line AS l WHERE l.type = 'line' GROUP BY l.sale)
SELECT text(s.id) AS order_id, text(s.party) AS customer_id,
       text(o.id) AS opportunity_id,
       text(coalesce(s.confirmed_by, s.quoted_by, o.employee)) AS owner_id, coalesce(s.number, s.reference) AS order_no,
       s.state AS status_raw, mapped(s.state, 'sale_state') AS status,
       coalesce(to_utc(s.sale_date, setting('timezone')), s.create_date) AS ordered_at, currency.code AS currency,
       CASE WHEN currency.code = setting('base_currency') THEN 1 ELSE coalesce(base.rate, 1) / theirs.rate END AS fx_to_base,
       coalesce(s.untaxed_amount_cache, line.net, 0) AS net, coalesce(s.tax_amount_cache, 0) AS tax,
       coalesce(channel(medium.name), channel(source.name), CASE WHEN coalesce(medium.name, source.name) IS NOT NULL THEN 'other' END) AS channel,
       text(s.marketing_campaign) AS campaign_id, s.write_date AS updated_at
FROM sale_sale AS s
LEFT JOIN line ON line.sale = s.id
LEFT JOIN currency_currency AS currency ON currency.id = s.currency
LEFT JOIN rate_span AS theirs ON theirs.currency = currency.code AND theirs.since <= coalesce(s.sale_date, day(s.create_date))
  AND (theirs.until IS NULL OR coalesce(s.sale_date, day(s.create_date)) < theirs.until)
LEFT JOIN rate_span AS base ON base.currency = setting('base_currency') AND base.since <= coalesce(s.sale_date, day(s.create_date))
  AND (base.until IS NULL OR coalesce(s.sale_date, day(s.create_date)) < base.until)
LEFT JOIN marketing_medium AS medium ON medium.id = s.marketing_medium
LEFT JOIN marketing_source AS source ON source.id = s.marketing_source
LEFT JOIN sale_opportunity AS o ON s.origin = concat('sale.opportunity,', text(o.id))
