SELECT e.id AS id, e.portal_subscription_status AS portal_subscription_status, e.subscriptions AS subscriptions
FROM email_events AS e
WHERE e.type = 'STATUSCHANGE'
