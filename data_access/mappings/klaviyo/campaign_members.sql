-- One row per person and message, and for a flow, which people may go through again, one for every time that it was sent.
-- Klaviyo records no held-out group: nobody is known as control.
WITH turns AS (
    SELECT m.person_id AS person_id, m.campaign_id AS campaign_id, m.message_id AS message_id, m.variation AS variation,
           m.happened AS happened, m.at AS at, m.bounce_kind AS bounce_kind,
           CASE WHEN m.is_flow THEN SUM(CASE WHEN m.happened IN ('sent', 'bounced') THEN 1 ELSE 0 END)
                                    OVER (PARTITION BY m.person_id, m.campaign_id, m.message_id
                                          ORDER BY m.at, CASE WHEN m.happened IN ('sent', 'bounced') THEN 0 ELSE 1 END, m.id)
                ELSE 1 END AS turn
    FROM messages AS m
    WHERE m.happened IS NOT NULL
), sends AS (
    SELECT m.person_id AS person_id, m.campaign_id AS campaign_id, m.message_id AS message_id, MIN(m.variation) AS variation,
           MIN(CASE WHEN m.happened IN ('sent', 'bounced') THEN m.at END) AS sent_at,
           MIN(CASE WHEN m.happened = 'sent' THEN m.at END) AS delivered_at,
           MIN(CASE WHEN m.happened = 'opened' THEN m.at END) AS opened_at,
           MIN(CASE WHEN m.happened = 'clicked' THEN m.at END) AS clicked_at,
           MIN(CASE WHEN m.happened = 'bounced' THEN m.at END) AS bounced_at,
           MIN(CASE WHEN m.happened = 'bounced' THEN m.bounce_kind END) AS bounce_kind,
           MIN(CASE WHEN m.happened = 'unsubscribed' THEN m.at END) AS unsubscribed_at,
           MIN(CASE WHEN m.happened = 'complained' THEN m.at END) AS complained_at,
           SUM(CASE WHEN m.happened = 'opened' THEN 1 ELSE 0 END) AS opens,
           SUM(CASE WHEN m.happened = 'clicked' THEN 1 ELSE 0 END) AS clicks
    FROM turns AS m
    GROUP BY m.person_id, m.campaign_id, m.message_id, m.turn
)
SELECT s.campaign_id AS campaign_id, s.person_id AS member_key, s.sent_at AS first_sent_at, MIN(p.id) AS customer_id,
       email_key(MIN(p.email)) AS email_key, MIN(s.variation) AS variant, s.sent_at AS sent_at,
       MIN(s.delivered_at) AS delivered_at, MIN(CASE WHEN s.opened_at >= s.sent_at THEN s.opened_at END) AS opened_at,
       MIN(CASE WHEN s.clicked_at >= s.sent_at THEN s.clicked_at END) AS clicked_at, MIN(s.bounced_at) AS bounced_at,
       MIN(s.bounce_kind) AS bounce_kind, MIN(CASE WHEN s.unsubscribed_at >= s.sent_at THEN s.unsubscribed_at END) AS unsubscribed_at,
       MIN(s.complained_at) AS complained_at, SUM(s.opens) AS opens, SUM(s.clicks) AS clicks
FROM sends AS s
LEFT JOIN person AS p ON p.id = s.person_id AND NOT coalesce(p._fivetran_deleted, FALSE)
WHERE s.sent_at IS NOT NULL
GROUP BY s.campaign_id, s.person_id, s.sent_at
