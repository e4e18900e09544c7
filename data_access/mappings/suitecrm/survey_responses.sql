-- Answers, and the messages of survey campaigns that nobody answered.
SELECT r.id AS response_id, s.id AS survey_id, customer.id AS customer_id, person.id AS contact_id,
       sent.sent_at AS sent_at, r.date_entered AS responded_at, TRUE AS is_complete, 'email' AS channel,
       r.date_modified AS updated_at
FROM surveyresponses AS r
JOIN surveys AS s ON s.id = r.survey_id AND s.deleted = 0
LEFT JOIN accounts AS customer ON customer.id = r.account_id AND customer.deleted = 0
LEFT JOIN contacts AS person ON person.id = r.contact_id AND person.deleted = 0
LEFT JOIN (SELECT l.campaign_id, l.target_id, min(l.activity_date) AS sent_at FROM campaign_log AS l
           WHERE coalesce(l.deleted, 0) = 0 AND l.activity_type = 'targeted'
           GROUP BY l.campaign_id, l.target_id) AS sent
       ON sent.campaign_id = r.campaign_id AND sent.target_id = r.contact_id AND sent.sent_at <= r.date_entered
WHERE r.deleted = 0
UNION ALL
SELECT concat('sent ', c.id, ' ', l.target_id), s.id, max(employment.account_id), max(person.id), min(l.activity_date), NULL, FALSE,
       'email', NULL
FROM campaign_log AS l
JOIN campaigns AS c ON c.id = l.campaign_id AND c.deleted = 0
JOIN surveys AS s ON s.id = c.survey_id AND s.deleted = 0
LEFT JOIN contacts AS person ON person.id = l.target_id AND person.deleted = 0
LEFT JOIN employers AS employment ON employment.contact_id = person.id
LEFT JOIN surveyresponses AS answer
       ON answer.campaign_id = c.id AND answer.contact_id = l.target_id AND answer.survey_id = s.id AND answer.deleted = 0
LEFT JOIN prospect_lists AS list ON list.id = l.list_id
WHERE coalesce(l.deleted, 0) = 0 AND l.activity_type = 'targeted' AND answer.id IS NULL
  AND coalesce(list.list_type, '') <> 'test'
GROUP BY c.id, l.target_id, s.id
