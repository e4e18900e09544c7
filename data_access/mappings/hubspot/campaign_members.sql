SELECT text(c.id) AS campaign_id, coalesce(text(p.id), email_key(s.email)) AS member_key, s.sent_at AS first_sent_at,
       MIN(p.customer_id) AS customer_id, text(MIN(p.id)) AS contact_id, email_key(MIN(s.email)) AS email_key,
       s.sent_at AS sent_at, MIN(CASE WHEN s.delivered_at >= s.sent_at THEN s.delivered_at END) AS delivered_at,
       MIN(CASE WHEN s.opened_at >= s.sent_at THEN s.opened_at END) AS opened_at,
       MIN(CASE WHEN s.clicked_at >= s.sent_at THEN s.clicked_at END) AS clicked_at,
       MIN(CASE WHEN s.bounced_at >= s.sent_at THEN s.bounced_at END) AS bounced_at,
       MIN(CASE WHEN s.bounced_at IS NOT NULL THEN mapped(coalesce(s.bounce_category, 'soft'), 'bounce_kind') END) AS bounce_kind,
       MIN(CASE WHEN s.unsubscribed_at >= s.sent_at THEN s.unsubscribed_at END) AS unsubscribed_at,
       MIN(s.complained_at) AS complained_at, SUM(s.opens) AS opens, SUM(s.clicks) AS clicks
FROM sends AS s
JOIN email_campaign AS c ON c.id = s.campaign_id
LEFT JOIN people AS p ON lower(p.email) = s.email
WHERE s.sent_at IS NOT NULL AND s.email IS NOT NULL
GROUP BY c.id, coalesce(text(p.id), email_key(s.email)), s.sent_at
