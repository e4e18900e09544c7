-- A campaign here is an e-mail that was sent: HubSpot's own campaigns do not come with the connector.
SELECT text(c.id) AS campaign_id, coalesce(c.name, c.subject, text(c.id)) AS name, c.type AS type_raw, 'email' AS channel
FROM email_campaign AS c
