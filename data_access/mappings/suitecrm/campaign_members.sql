-- The log has one row per event. An event belongs to the message that bears the same tracker key: a campaign may write to a
-- person several times, and the first message may be opened after the second went out. One without a message (a form on the
-- web, a key that was lost) belongs to the last that went to the person before it, and a person who was never written to
-- (blocked) is there from the first event on; what failed when it was to go out stands for itself, it was never sent. Two
-- messages of one second are kept apart by `place`. Trial sends are left out.
WITH messages AS (
    SELECT l.campaign_id, l.target_id, l.target_tracker_key, max(l.activity_date) AS sent_at
    FROM campaign_log AS l
    WHERE coalesce(l.deleted, 0) = 0 AND l.activity_type = 'targeted' AND l.target_tracker_key <> ''
    GROUP BY l.campaign_id, l.target_id, l.target_tracker_key
),
events AS (
    SELECT l.campaign_id, l.target_id, l.target_type, l.activity_type, l.activity_date, l.hits,
           nullif(l.target_tracker_key, '') AS tracker,
           m.sent_at AS own_sent,
           max(CASE WHEN l.activity_type = 'targeted' THEN l.activity_date END)
               OVER (PARTITION BY l.campaign_id, l.target_id ORDER BY l.activity_date) AS sent_before,
           min(CASE WHEN l.activity_type = 'targeted' THEN l.activity_date END)
               OVER (PARTITION BY l.campaign_id, l.target_id) AS first_sent,
           min(l.activity_date) OVER (PARTITION BY l.campaign_id, l.target_id) AS first_event
    FROM campaign_log AS l
    JOIN campaigns AS c ON c.id = l.campaign_id AND c.deleted = 0
    LEFT JOIN prospect_lists AS list ON list.id = l.list_id
    LEFT JOIN messages AS m
           ON m.target_tracker_key = l.target_tracker_key AND m.target_id = l.target_id AND m.campaign_id = l.campaign_id
    WHERE coalesce(l.deleted, 0) = 0 AND l.target_id <> '' AND l.activity_date IS NOT NULL
      AND coalesce(list.list_type, '') <> 'test'
),
dated AS (
    SELECT e.*, CASE WHEN e.own_sent IS NOT NULL THEN e.own_sent
                     WHEN e.tracker IS NOT NULL AND e.activity_type IN ('invalid email', 'send error') THEN e.activity_date
                     ELSE coalesce(e.sent_before, e.first_sent, e.first_event) END AS first_sent_at
    FROM events AS e
),
told AS (
    SELECT d.*, CASE WHEN d.own_sent IS NOT NULL OR (d.tracker IS NOT NULL AND d.activity_type IN ('invalid email', 'send error'))
                     THEN d.tracker
                     ELSE min(CASE WHEN d.activity_type = 'targeted' THEN d.tracker END)
                         OVER (PARTITION BY d.campaign_id, d.target_id, d.first_sent_at) END AS message
    FROM dated AS d
),
sends AS (
    SELECT e.campaign_id, e.target_id, e.first_sent_at, e.message,
           row_number() OVER (PARTITION BY e.campaign_id, e.target_id, e.first_sent_at ORDER BY e.message) AS place,
           max(e.target_type) AS target_type,
           min(CASE WHEN e.activity_type = 'targeted' THEN e.activity_date END) AS sent_at,
           min(CASE WHEN e.activity_type = 'viewed' THEN e.activity_date END) AS opened_at,
           min(CASE WHEN e.activity_type = 'link' THEN e.activity_date END) AS clicked_at,
           min(CASE WHEN e.activity_type IN ('invalid email', 'send error') THEN e.activity_date END) AS bounced_at,
           max(CASE WHEN e.activity_type = 'invalid email' THEN 1 ELSE 0 END) AS is_invalid,
           min(CASE WHEN e.activity_type = 'removed' THEN e.activity_date END) AS unsubscribed_at,
           min(CASE WHEN e.activity_type IN ('lead', 'contact') THEN e.activity_date END) AS converted_at,
           sum(CASE WHEN e.activity_type = 'viewed' THEN CASE WHEN e.hits > 1 THEN e.hits ELSE 1 END ELSE 0 END) AS opens,
           sum(CASE WHEN e.activity_type = 'link' THEN CASE WHEN e.hits > 1 THEN e.hits ELSE 1 END ELSE 0 END) AS clicks
    FROM told AS e
    GROUP BY e.campaign_id, e.target_id, e.first_sent_at, e.message
)
SELECT s.campaign_id AS campaign_id, CASE WHEN s.place > 1 THEN concat(s.target_id, '/', text(s.place)) ELSE s.target_id END AS member_key,
       s.first_sent_at AS first_sent_at,
       coalesce(account.id, employment.account_id, employer.id) AS customer_id, person.id AS contact_id, lead.id AS lead_id,
       email_key((SELECT m.email_address FROM mail AS m WHERE m.bean_id = s.target_id AND m.bean_module = s.target_type
        ORDER BY m.primary_address DESC, m.address_id LIMIT 1)) AS email_key, s.sent_at AS sent_at,
       CASE WHEN s.bounced_at IS NULL THEN s.sent_at END AS delivered_at, s.opened_at AS opened_at,
       s.clicked_at AS clicked_at, s.bounced_at AS bounced_at,
       CASE WHEN s.bounced_at IS NULL THEN NULL WHEN s.is_invalid = 1 THEN 'hard' ELSE 'soft' END AS bounce_kind,
       s.unsubscribed_at AS unsubscribed_at, s.converted_at AS converted_at, s.opens AS opens, s.clicks AS clicks
FROM sends AS s
LEFT JOIN accounts AS account ON account.id = s.target_id AND account.deleted = 0
LEFT JOIN contacts AS person ON person.id = s.target_id AND person.deleted = 0
LEFT JOIN prospects AS target ON target.id = s.target_id AND target.deleted = 0
LEFT JOIN leads AS lead ON lead.id = coalesce(nullif(target.lead_id, ''), s.target_id) AND lead.deleted = 0
LEFT JOIN accounts AS employer ON employer.id = lead.account_id AND employer.deleted = 0
LEFT JOIN employers AS employment ON employment.contact_id = person.id
