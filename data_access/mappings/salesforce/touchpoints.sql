-- Members of a campaign who answered; being put on a list is no touch.
SELECT m.id AS touchpoint_id, a.id AS customer_id, c.id AS contact_id, l.id AS lead_id, campaign.id AS campaign_id,
       channel(coalesce(campaign.type, 'other')) AS channel, mapped(coalesce(campaign.type, 'other'), 'touch_kind') AS kind,
       CASE WHEN to_utc(m.first_responded_date, setting('timezone')) >= m.created_date
            THEN to_utc(m.first_responded_date, setting('timezone')) ELSE m.created_date END AS occurred_at
FROM campaign_member AS m
JOIN campaign AS campaign ON campaign.id = m.campaign_id AND coalesce(campaign._fivetran_active, TRUE)
LEFT JOIN contact AS c ON c.id = m.contact_id AND NOT coalesce(c.is_deleted, FALSE) AND coalesce(c._fivetran_active, TRUE)
LEFT JOIN lead AS l ON l.id = m.lead_id AND NOT coalesce(l.is_deleted, FALSE) AND coalesce(l._fivetran_active, TRUE)
LEFT JOIN account AS a ON a.id = c.account_id AND NOT coalesce(a.is_deleted, FALSE) AND coalesce(a._fivetran_active, TRUE)
WHERE m.has_responded AND NOT coalesce(m.is_deleted, FALSE) AND coalesce(m._fivetran_active, TRUE) AND coalesce(c.id, l.id) IS NOT NULL
