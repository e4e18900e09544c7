SELECT e.id AS id, e.type AS type,
       CASE WHEN whole(e.created) IS NOT NULL THEN from_epoch(whole(e.created) / 1000.0) ELSE cast(e.created AS TIMESTAMP) END AS created,
       text(e.email_campaign_id) AS email_campaign_id, e.recipient AS recipient, e.filtered_event AS filtered_event,
       json_text(e.sent_by, '$.id') AS sent_by_id, json_text(e.caused_by, '$.id') AS caused_by_id,
       json_text(e.obsoleted_by, '$.id') AS obsoleted_by_id
FROM email_events AS e
