-- The log has one row per event; one row for each person and campaign. Trial sends are left out.
WITH events AS (
    SELECT r.campaign_id, r.parent_id, max(r.parent_type) AS parent_type, min(r.action_date) AS first_at,
           min(CASE WHEN r.action = 'Sent' THEN r.action_date END) AS sent_at,
           min(CASE WHEN r.action = 'Opened' THEN r.action_date END) AS opened_at,
           min(CASE WHEN r.action = 'Clicked' THEN r.action_date END) AS clicked_at,
           min(CASE WHEN r.action = 'Bounced' THEN r.action_date END) AS bounced_at,
           min(CASE WHEN r.action = 'Opted Out' THEN r.action_date END) AS unsubscribed_at,
           min(CASE WHEN r.action = 'Lead Created' THEN r.action_date END) AS converted_at,
           sum(CASE WHEN r.action = 'Opened' THEN 1 ELSE 0 END) AS opens,
           sum(CASE WHEN r.action = 'Clicked' THEN 1 ELSE 0 END) AS clicks
    FROM campaign_log_record AS r
    JOIN campaign AS c ON c.id = r.campaign_id AND NOT c.deleted
    WHERE NOT r.deleted AND NOT coalesce(r.is_test, FALSE) AND r.parent_id <> '' AND r.action_date IS NOT NULL
    GROUP BY r.campaign_id, r.parent_id
)
SELECT e.campaign_id AS campaign_id, e.parent_id AS member_key, coalesce(e.sent_at, e.first_at) AS first_sent_at,
       coalesce(account.id, employer.id) AS customer_id, person.id AS contact_id, l.id AS lead_id, e.sent_at AS sent_at,
       CASE WHEN e.bounced_at IS NULL THEN e.sent_at END AS delivered_at, e.opened_at AS opened_at, e.clicked_at AS clicked_at,
       e.bounced_at AS bounced_at, e.unsubscribed_at AS unsubscribed_at, e.converted_at AS converted_at, e.opens AS opens,
       e.clicks AS clicks
FROM events AS e
LEFT JOIN account ON account.id = e.parent_id AND NOT account.deleted
LEFT JOIN contact AS person ON person.id = e.parent_id AND NOT person.deleted
LEFT JOIN account AS employer ON employer.id = person.account_id AND NOT employer.deleted
LEFT JOIN "lead" AS l ON l.id = e.parent_id AND NOT l.deleted
