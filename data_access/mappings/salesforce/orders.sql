-- Salesforce's own orders; won deals are not taken for orders. Totals are without tax. A reduction order takes back.
SELECT o.id AS order_id, a.id AS customer_id, c.id AS contact_id, d.id AS opportunity_id, u.id AS owner_id,
       o.order_number AS order_no, coalesce(o.status, o.status_code) AS status_raw,
       mapped(coalesce(o.status_code, o.status), 'order_status') AS status,
       coalesce(to_utc(o.effective_date, setting('timezone')), o.activated_date, o.created_date) AS ordered_at,
       coalesce(o.currency_iso_code, setting('base_currency')) AS currency, coalesce(o.total_amount, 0) AS net,
       CASE WHEN o.is_reduction_order OR o.total_amount < 0 THEN 'credit_note' ELSE 'order' END AS document,
       o.last_modified_date AS updated_at
FROM "order" AS o
LEFT JOIN account AS a ON a.id = o.account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
LEFT JOIN contact AS c ON c.id = o.bill_to_contact_id AND NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN deals AS d ON d.id = o.opportunity_id
LEFT JOIN "user" AS u ON u.id = o.owner_id AND coalesce(u._fivetran_active, TRUE)
WHERE NOT coalesce(o.is_deleted, FALSE) AND coalesce(o._fivetran_active, TRUE)
