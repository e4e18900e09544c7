-- Follow-ups: of a clue (1), a customer (2), a contact (3), a deal (4) or a contract (5).
SELECT text(f.id) AS interaction_id, 'note' AS kind, text(c.id) AS customer_id, text(person.id) AS contact_id,
       text(b.id) AS opportunity_id, text(l.id) AS lead_id, text(owner.id) AS owner_id, to_utc(f.create_time, setting('timezone')) AS occurred_at,
       to_utc(f.create_time, setting('timezone')) AS done_at, substring(f.content, 1, 200) AS subject
FROM crm_follow_up_record AS f
LEFT JOIN crm_clue AS l ON l.id = f.biz_id AND f.biz_type = 1 AND NOT l.deleted
LEFT JOIN crm_contact AS person ON person.id = f.biz_id AND f.biz_type = 3 AND NOT person.deleted
LEFT JOIN crm_business AS b ON b.id = f.biz_id AND f.biz_type = 4 AND NOT b.deleted
LEFT JOIN crm_contract AS o ON o.id = f.biz_id AND f.biz_type = 5 AND NOT o.deleted
LEFT JOIN crm_customer AS c
       ON NOT c.deleted
      AND c.id = coalesce(CASE WHEN f.biz_type = 2 THEN f.biz_id END, person.customer_id, b.customer_id, o.customer_id, l.customer_id)
LEFT JOIN system_users AS owner ON owner.id = whole(f.creator)
WHERE NOT f.deleted AND coalesce(mapped(f.tenant_id, 'tenant'), CASE WHEN f.tenant_id IS NULL THEN 'yes' END) = 'yes'
