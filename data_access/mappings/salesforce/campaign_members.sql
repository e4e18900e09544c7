-- Salesforce keeps when somebody became a member and the first day of an answer, no sends. A lead that was converted is
-- a member as the contact too: the row that names both counts as the contact.
SELECT m.campaign_id AS campaign_id, coalesce(c.id, l.id) AS member_key, MIN(m.created_date) AS first_sent_at,
       MIN(a.id) AS customer_id, MIN(c.id) AS contact_id, MIN(l.id) AS lead_id,
       MIN(email_key(coalesce(c.email, l.email))) AS email_key, MIN(m.created_date) AS assigned_at,
       MIN(CASE WHEN NOT m.has_responded THEN NULL
                WHEN to_utc(m.first_responded_date, setting('timezone')) < m.created_date THEN m.created_date
                ELSE to_utc(m.first_responded_date, setting('timezone')) END) AS replied_at
FROM campaign_member AS m
JOIN campaign AS campaign ON campaign.id = m.campaign_id AND coalesce(campaign._fivetran_active, TRUE)
LEFT JOIN contact AS c ON c.id = m.contact_id AND NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN lead AS l ON l.id = m.lead_id AND NOT coalesce(l.is_deleted, FALSE) AND coalesce(l._fivetran_active, TRUE)
LEFT JOIN account AS a ON a.id = c.account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
WHERE NOT coalesce(m.is_deleted, FALSE) AND coalesce(m._fivetran_active, TRUE) AND coalesce(c.id, l.id) IS NOT NULL
GROUP BY m.campaign_id, coalesce(c.id, l.id)
