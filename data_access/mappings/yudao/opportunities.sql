-- `end_status`: 1 won, 2 lost, 3 void. `deal_time` is a forecast; nothing logs when a deal ended but its last change.
SELECT text(b.id) AS opportunity_id, b.name AS name, text(c.id) AS customer_id, text(owner.id) AS owner_id,
       text(b.status_type_id) AS pipeline_id, CASE WHEN b.end_status IN (1, 2, 3) THEN concat(text(b.status_type_id), '-', CASE b.end_status WHEN 1 THEN 'won' WHEN 2 THEN 'lost' WHEN 3 THEN 'void' ELSE 'open' END) ELSE text(b.status_id) END AS stage_id, CASE b.end_status WHEN 1 THEN 'won' WHEN 2 THEN 'lost' WHEN 3 THEN 'void' ELSE 'open' END AS outcome,
       b.total_price AS amount, setting('base_currency') AS currency, text(c.source) AS source_raw,
       channel(text(c.source)) AS channel, to_utc(b.create_time, setting('timezone')) AS created_at, day(b.deal_time) AS expected_close_date,
       CASE WHEN b.end_status IN (1, 2, 3) THEN to_utc(CASE WHEN b.update_time > b.create_time THEN b.update_time ELSE b.create_time END, setting('timezone')) END AS closed_at,
       CASE WHEN b.end_status IN (2, 3) THEN nullif(b.end_remark, '') END AS lost_reason, to_utc(b.update_time, setting('timezone')) AS updated_at
FROM crm_business AS b
LEFT JOIN crm_customer AS c ON c.id = b.customer_id AND NOT c.deleted
LEFT JOIN system_users AS owner ON owner.id = b.owner_user_id
WHERE NOT b.deleted AND coalesce(mapped(b.tenant_id, 'tenant'), CASE WHEN b.tenant_id IS NULL THEN 'yes' END) = 'yes'
