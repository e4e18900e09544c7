-- What was written, said and held with a lead, a customer or about a deal; what ERPNext sends by itself is no contact.
SELECT m.name AS interaction_id, mapped(coalesce(m.communication_medium, ''), 'medium') AS kind,
       CASE m.sent_or_received WHEN 'Received' THEN 'inbound' WHEN 'Sent' THEN 'outbound' END AS direction,
       coalesce(c.name, deal_customer.name, b.customer_id) AS customer_id, o.name AS opportunity_id, l.name AS lead_id, u.name AS owner_id,
       to_utc(coalesce(m.communication_date, m.creation), setting('timezone')) AS occurred_at,
       to_utc(coalesce(m.communication_date, m.creation), setting('timezone')) AS done_at, m.status AS status, m.subject AS subject
FROM "Communication" AS m
LEFT JOIN "Customer" AS c ON c.name = m.reference_name AND m.reference_doctype = 'Customer'
LEFT JOIN "Opportunity" AS o ON o.name = m.reference_name AND m.reference_doctype = 'Opportunity'
LEFT JOIN "Customer" AS deal_customer ON deal_customer.name = o.party_name AND o.opportunity_from = 'Customer'
LEFT JOIN "Lead" AS l
       ON l.name = CASE WHEN m.reference_doctype = 'Lead' THEN m.reference_name WHEN o.opportunity_from = 'Lead' THEN o.party_name END
LEFT JOIN lead_buyer AS b ON b.lead_id = l.name
LEFT JOIN "User" AS u ON u.name = m.sender AND u.user_type = 'System User'
WHERE m.communication_type = 'Communication' AND m.reference_doctype IN ('Customer', 'Lead', 'Opportunity')
