-- Invoices, net of tax and of the credit notes that are set off against them, as creme itself reckons; one that is set off
-- altogether is refunded. A credit note that no invoice was lowered by counts on its own day. There are no rates: [[rates]] in
-- clientele.toml gives them.
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
),
applied AS (
    SELECT r.subject_entity_id AS note_id, r.object_entity_id AS bill_id
    FROM creme_core_relation AS r
    JOIN billing_invoice AS i ON i.cremeentity_ptr_id = r.object_entity_id
    JOIN creme_core_cremeentity AS e ON e.id = r.subject_entity_id AND NOT e.is_deleted
    WHERE r.type_id = 'billing-subject_credit_note_applied'
),
document AS (
    SELECT i.cremeentity_ptr_id AS id, 'invoice' AS kind, i.number, i.issuing_date, i.currency_id, status.name AS status_raw,
           CASE WHEN i.total_no_vat = 0 AND EXISTS (SELECT 1 FROM applied AS a WHERE a.bill_id = i.cremeentity_ptr_id) THEN 'refunded'
                ELSE 'confirmed' END AS otherwise,
           coalesce(mapped(status.name, 'invoice_status'), mapped(lower(replace(status.uuid, '-', '')), 'invoice_status')) AS status,
           i.total_no_vat AS net, i.total_vat AS gross
    FROM billing_invoice AS i
    LEFT JOIN billing_invoicestatus AS status ON status.id = i.status_id
    UNION ALL
    SELECT c.cremeentity_ptr_id, 'credit_note', c.number, c.issuing_date, c.currency_id, status.name, 'confirmed',
           coalesce(mapped(status.name, 'credit_note_status'), mapped(lower(replace(status.uuid, '-', '')), 'credit_note_status')),
           -c.total_no_vat, -c.total_vat
    FROM billing_creditnote AS c
    LEFT JOIN billing_creditnotestatus AS status ON status.id = c.status_id
    WHERE NOT EXISTS (SELECT 1 FROM applied AS a WHERE a.note_id = c.cremeentity_ptr_id)
)
SELECT text(d.id) AS order_id,
       CASE WHEN organisation.cremeentity_ptr_id IS NOT NULL THEN text(organisation.cremeentity_ptr_id)
            WHEN buyer.is_user_id IS NULL THEN text(buyer.cremeentity_ptr_id) END AS customer_id,
       CASE WHEN buyer.is_user_id IS NULL THEN text(buyer.cremeentity_ptr_id) END AS contact_id,
       text(linked.deal_id) AS opportunity_id, text(e.user_id) AS owner_id, nullif(d.number, '') AS order_no,
       d.status_raw AS status_raw, coalesce(d.status, d.otherwise) AS status,
       coalesce(to_utc(d.issuing_date, setting('timezone')), e.created) AS ordered_at,
       currency.international_symbol AS currency, d.net AS net, d.gross - d.net AS tax, d.kind AS document,
       e.modified AS updated_at
FROM document AS d
JOIN creme_core_cremeentity AS e ON e.id = d.id AND NOT e.is_deleted
LEFT JOIN received ON received.bill_id = d.id
LEFT JOIN linked ON linked.bill_id = d.id
LEFT JOIN persons_organisation AS organisation ON organisation.cremeentity_ptr_id = received.buyer_id
LEFT JOIN persons_contact AS buyer ON buyer.cremeentity_ptr_id = received.buyer_id
LEFT JOIN creme_core_currency AS currency ON currency.id = d.currency_id
