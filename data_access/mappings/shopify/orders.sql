SELECT text(o.id) AS order_id,
       coalesce(text(c.id), text(same.id), CASE WHEN o.email <> '' THEN concat('guest:', email_key(o.email)) END) AS customer_id,
       o.name AS order_no, coalesce(o.financial_status, 'paid') AS status_raw,
       CASE WHEN trim(o.cancelled_at) <> '' THEN 'cancelled' ELSE mapped(coalesce(o.financial_status, 'paid'), 'order_status') END AS status,
       coalesce(o.processed_at, o.created_at) AS ordered_at, CAST(nullif(trim(o.cancelled_at), '') AS TIMESTAMP) AS cancelled_at,
       coalesce(o.currency, setting('base_currency')) AS currency, s.net AS net, s.discount AS discount,
       coalesce(o.total_tax, 0) AS tax, s.shipping AS shipping, s.refunded AS refunded,
       channel(coalesce(o.source_name, '')) AS channel, coalesce(o.test, FALSE) AS is_test, 'order' AS document,
       o.updated_at AS updated_at
FROM "order" AS o
JOIN sales AS s ON s.id = o.id
LEFT JOIN customer AS c ON c.id = o.customer_id AND NOT coalesce(c._fivetran_deleted, FALSE)
LEFT JOIN (
    SELECT lower(k.email) AS email, MIN(k.id) AS id
    FROM customer AS k
    WHERE k.email <> '' AND NOT coalesce(k._fivetran_deleted, FALSE)
    GROUP BY lower(k.email)
) AS same ON same.email = lower(o.email)
WHERE NOT coalesce(o._fivetran_deleted, FALSE)
