-- One row for each message of a campaign: 1 sent; 2 waits, 3 failed, neither of which was sent. How often it was read is kept, and
-- not when; bounces and clicks are not.
SELECT text(s.campaign_id) AS campaign_id, text(m.id) AS member_key, coalesce(m.sending_date, s.sending_date) AS first_sent_at,
       text(coalesce(o.cremeentity_ptr_id, employer.organisation_id)) AS customer_id, text(p.cremeentity_ptr_id) AS contact_id,
       email_key(m.recipient) AS email_key, s.sending_date AS assigned_at,
       CASE WHEN m.status = 1 THEN coalesce(m.sending_date, s.sending_date) END AS sent_at,
       CASE WHEN m.status = 1 THEN coalesce(m.reads, 0) END AS opens
FROM emails_lightweightemail AS m
JOIN emails_emailsending AS s ON s.id = m.sending_id
JOIN creme_core_cremeentity AS e ON e.id = s.campaign_id AND NOT e.is_deleted
LEFT JOIN creme_core_cremeentity AS x ON x.id = m.recipient_entity_id AND NOT x.is_deleted
LEFT JOIN persons_organisation AS o ON o.cremeentity_ptr_id = x.id
LEFT JOIN persons_contact AS p ON p.cremeentity_ptr_id = x.id AND p.is_user_id IS NULL
LEFT JOIN employer ON employer.contact_id = p.cremeentity_ptr_id
