SELECT concat('click:', text(k.id)) AS touchpoint_id, text(p.id) AS customer_id, text(j.mailing_id) AS campaign_id,
       'email' AS channel, 'click' AS kind, k.time_stamp AS occurred_at
FROM mailing_event_trackable_url_open AS k
JOIN mailing_event_queue AS q ON q.id = k.event_queue_id
JOIN mailing_job AS j ON j.id = q.job_id AND NOT coalesce(j.is_test, FALSE)
JOIN people AS p ON p.id = q.contact_id
