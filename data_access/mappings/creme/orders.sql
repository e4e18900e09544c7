-- Invoices, net of tax and of the credit notes that are set off against them. There are no rates: [[rates]] in clientele.toml gives them.
WITH received AS (
    SELECT r.subject_entity_id AS bill_id, min(r.object_entity_id) AS buyer_id
    FROM creme_core_relation AS r
    JOIN creme_core_cremeentity AS e ON e.id = r.object_entity_id AND NOT e.is_deleted
    WHERE r.type_id = 'billing-subject_bill_received'
    GROUP BY r.subject_entity_id
),
linked AS (
    SELECT r.subject_entity_id AS bill_id, min(r.object_entity_id) AS deal_id
    FROM creme_core_relation AS r
    JOIN creme_core_cremeentity AS e ON e.id = r.object_entity_id AND NOT e.is_deleted
    JOIN opportunities_opportunity AS o ON o.cremeentity_ptr_id = r.object_entity_id
    WHERE r.type_id = 'opportunities-subject_linked_invoice'
    GROUP BY r.subject_entity_id
)
SELECT text(i.cremeentity_ptr_id) AS order_id,
       CASE WHEN organisation.cremeentity_ptr_id IS NOT NULL THEN text(organisation.cremeentity_ptr_id)
            WHEN buyer.is_user_id IS NULL THEN text(buyer.cremeentity_ptr_id) END AS customer_id,
       CASE WHEN buyer.is_user_id IS NULL THEN text(buyer.cremeentity_ptr_id) END AS contact_id,
       text(linked.deal_id) AS opportunity_id, text(e.user_id) AS owner_id, nullif(i.number, '') AS order_no,
       status.name AS status_raw, mapped(status.name, 'invoice_status') AS status,
       coalesce(to_utc(i.issuing_date, setting('timezone')), e.created) AS ordered_at,
       currency.international_symbol AS currency, i.total_no_vat AS net, i.total_vat - i.total_no_vat AS tax,
       'invoice' AS document, e.modified AS updated_at
FROM billing_invoice AS i
JOIN creme_core_cremeentity AS e ON e.id = i.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN received ON received.bill_id = i.cremeentity_ptr_id
LEFT JOIN linked ON linked.bill_id = i.cremeentity_ptr_id
LEFT JOIN persons_organisation AS organisation ON organisation.cremeentity_ptr_id = received.buyer_id
LEFT JOIN persons_contact AS buyer ON buyer.cremeentity_ptr_id = received.buyer_id
LEFT JOIN billing_invoicestatus AS status ON status.id = i.status_id
LEFT JOIN creme_core_currency AS currency ON currency.id = i.currency_id
