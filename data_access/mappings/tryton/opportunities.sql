-- Won only when a sale was confirmed: `converted` is still open. When a deal began and ended: deal.sql.
SELECT text(o.id) AS opportunity_id, coalesce(o.description, o.number, text(o.id)) AS name, text(o.party) AS customer_id,
       text(o.id) AS lead_id, text(o.employee) AS owner_id, o.state AS stage_id, o.amount AS amount, currency.code AS currency,
       o.conversion_probability AS probability, medium.name AS source_raw,
       coalesce(channel(medium.name), channel(source.name), CASE WHEN coalesce(medium.name, source.name) IS NOT NULL THEN 'other' END) AS channel,
       text(o.marketing_campaign) AS campaign_id, d.began_at AS created_at,
       CASE WHEN o.state IN ('lead', 'opportunity', 'converted') THEN o.end_date END AS expected_close_date,
       d.closed_at AS closed_at,
       CASE WHEN o.state = 'lost' THEN o.lost_reason END AS lost_reason, o.write_date AS updated_at
FROM sale_opportunity AS o
JOIN deal AS d ON d.id = o.id
LEFT JOIN currency_currency AS currency ON currency.id = o.currency
LEFT JOIN marketing_medium AS medium ON medium.id = o.marketing_medium
LEFT JOIN marketing_source AS source ON source.id = o.marketing_source
