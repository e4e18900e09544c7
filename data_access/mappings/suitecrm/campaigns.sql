SELECT c.id AS campaign_id, c.name AS name, nullif(trim(c.campaign_type), '') AS type_raw,
       coalesce(channel(c.campaign_type), 'other') AS channel, nullif(trim(c.status), '') AS status,
       c.start_date AS starts_on, c.end_date AS ends_on, owner.id AS owner_id,
       CASE WHEN coalesce(nullif(trim(c.currency_id), ''), '-99') = '-99' THEN c.expected_revenue
            ELSE c.expected_revenue / nullif(currency.conversion_rate, 0) END AS expected_revenue_base,
       c.objective AS objective,
       CASE WHEN coalesce(nullif(trim(c.currency_id), ''), '-99') = '-99' THEN setting('base_currency')
            ELSE currency.iso4217 END AS currency,
       c.date_modified AS updated_at
FROM campaigns AS c
LEFT JOIN users AS owner ON owner.id = c.assigned_user_id
LEFT JOIN currencies AS currency ON currency.id = c.currency_id
WHERE c.deleted = 0
