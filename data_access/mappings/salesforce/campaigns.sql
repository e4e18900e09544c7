-- Deleted campaigns stay, because deals name them.
SELECT c.id AS campaign_id, c.name AS name, c.type AS type_raw, channel(coalesce(c.type, 'other')) AS channel,
       above.id AS parent_id, c.status AS status, c.start_date AS starts_on,
       CASE WHEN c.end_date >= c.start_date OR c.start_date IS NULL THEN c.end_date END AS ends_on, u.id AS owner_id,
       CASE WHEN c.currency_iso_code IS NULL OR c.currency_iso_code = setting('base_currency') THEN c.expected_revenue
            ELSE c.expected_revenue / rate.conversion_rate END AS expected_revenue_base,
       c.description AS objective, c.currency_iso_code AS currency, c.last_modified_date AS updated_at
FROM campaign AS c
LEFT JOIN campaign AS above ON above.id = c.parent_id AND coalesce(above._fivetran_active, TRUE)
LEFT JOIN "user" AS u ON u.id = c.owner_id AND coalesce(u._fivetran_active, TRUE)
LEFT JOIN currency_type AS rate ON rate.iso_code = c.currency_iso_code AND coalesce(rate._fivetran_active, TRUE)
WHERE coalesce(c._fivetran_active, TRUE)
