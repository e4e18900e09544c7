-- One row per send with what followed, in one pass over the events. Filtered events are machines and the company itself;
-- obsoleted ones were replaced by others. Who unsubscribes does so by a click on a message: that event names the cause alone.
SELECT coalesce(e.sent_by_id, cause.sent_by_id, e.id) AS id, MIN(e.email_campaign_id) AS campaign_id, MIN(lower(trim(e.recipient))) AS email,
       MIN(CASE WHEN e.type = 'SENT' THEN e.created END) AS sent_at,
       MIN(CASE WHEN e.type = 'DELIVERED' THEN e.created END) AS delivered_at,
       MIN(CASE WHEN e.type = 'OPEN' THEN e.created END) AS opened_at,
       MIN(CASE WHEN e.type = 'CLICK' THEN e.created END) AS clicked_at,
       MIN(CASE WHEN e.type = 'BOUNCE' THEN e.created END) AS bounced_at, MIN(b.category) AS bounce_category,
       MIN(CASE WHEN e.type = 'STATUSCHANGE' AND (s.portal_subscription_status = 'UNSUBSCRIBED' OR (s.portal_subscription_status IS NULL AND s.subscriptions LIKE '%UNSUBSCRIBED%'))
                THEN e.created END) AS unsubscribed_at,
       MIN(CASE WHEN e.type = 'SPAMREPORT' THEN e.created END) AS complained_at,
       SUM(CASE WHEN e.type = 'OPEN' THEN 1 ELSE 0 END) AS opens, SUM(CASE WHEN e.type = 'CLICK' THEN 1 ELSE 0 END) AS clicks
FROM email_event AS e
LEFT JOIN email_event_bounce AS b ON b.id = e.id
LEFT JOIN email_event_status_change AS s ON s.id = e.id
LEFT JOIN email_event AS cause ON cause.id = e.caused_by_id AND e.sent_by_id IS NULL AND e.type = 'STATUSCHANGE'
WHERE NOT coalesce(e.filtered_event, FALSE) AND e.obsoleted_by_id IS NULL
GROUP BY coalesce(e.sent_by_id, cause.sent_by_id, e.id)
