-- Visits of those who then ordered: the shop keeps no others.
SELECT text(v.id) AS touchpoint_id, text(c.id) AS customer_id,
       mapped(coalesce(v.utm_parameters_medium, v.utm_parameters_source, v.source, 'direct'), 'visit_channel') AS channel,
       'visit' AS kind, v.occurred_at AS occurred_at
FROM customer_visit AS v
JOIN "order" AS o ON o.id = v.order_id
LEFT JOIN customer AS c ON c.id = o.customer_id AND NOT coalesce(c._fivetran_deleted, FALSE)
WHERE v.occurred_at IS NOT NULL
