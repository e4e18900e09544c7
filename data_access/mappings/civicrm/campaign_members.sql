SELECT text(s.mailing_id) AS campaign_id, text(p.id) AS member_key, s.sent_at AS first_sent_at, text(p.id) AS customer_id,
       email_key(MIN(p.email)) AS email_key, s.sent_at AS sent_at, MIN(s.delivered_at) AS delivered_at,
       MIN(CASE WHEN s.opened_at >= s.sent_at THEN s.opened_at END) AS opened_at,
       MIN(CASE WHEN s.clicked_at >= s.sent_at THEN s.clicked_at END) AS clicked_at,
       MIN(CASE WHEN s.bounced_at >= s.sent_at THEN s.bounced_at END) AS bounced_at,
       MIN(CASE WHEN s.unsubscribed_at >= s.sent_at THEN s.unsubscribed_at END) AS unsubscribed_at,
       SUM(s.opens) AS opens, SUM(s.clicks) AS clicks
FROM sends AS s
JOIN people AS p ON p.id = s.contact_id
JOIN mailing AS m ON m.id = s.mailing_id
GROUP BY s.mailing_id, p.id, s.sent_at
