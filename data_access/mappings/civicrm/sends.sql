-- One row per send of a mailing that was no trial, with what followed: each log is read once.
WITH delivered AS (
    SELECT d.event_queue_id AS id, MIN(d.time_stamp) AS at FROM mailing_event_delivered AS d GROUP BY d.event_queue_id
), opened AS (
    SELECT o.event_queue_id AS id, MIN(o.time_stamp) AS at, COUNT(*) AS n FROM mailing_event_opened AS o GROUP BY o.event_queue_id
), clicked AS (
    SELECT k.event_queue_id AS id, MIN(k.time_stamp) AS at, COUNT(*) AS n FROM mailing_event_trackable_url_open AS k GROUP BY k.event_queue_id
), bounced AS (
    SELECT b.event_queue_id AS id, MIN(b.time_stamp) AS at FROM mailing_event_bounce AS b GROUP BY b.event_queue_id
), left_list AS (
    SELECT u.event_queue_id AS id, MIN(u.time_stamp) AS at FROM mailing_event_unsubscribe AS u GROUP BY u.event_queue_id
)
SELECT q.id AS id, j.mailing_id AS mailing_id, q.contact_id AS contact_id, coalesce(d.at, b.at) AS sent_at, d.at AS delivered_at,
       o.at AS opened_at, k.at AS clicked_at, b.at AS bounced_at, u.at AS unsubscribed_at, coalesce(o.n, 0) AS opens,
       coalesce(k.n, 0) AS clicks
FROM mailing_event_queue AS q
JOIN mailing_job AS j ON j.id = q.job_id AND NOT coalesce(j.is_test, FALSE)
LEFT JOIN delivered AS d ON d.id = q.id
LEFT JOIN opened AS o ON o.id = q.id
LEFT JOIN clicked AS k ON k.id = q.id
LEFT JOIN bounced AS b ON b.id = q.id
LEFT JOIN left_list AS u ON u.id = q.id
WHERE coalesce(d.at, b.at) IS NOT NULL
