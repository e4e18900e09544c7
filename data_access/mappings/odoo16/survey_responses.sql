-- Who has no partner is known by the e-mail that the invitation went to, or that was left.
WITH answer AS (
  SELECT concat('survey-', text(i.id)) AS response_id, concat('survey-', text(i.survey_id)) AS survey_id, coalesce(i.partner_id, known.id) AS partner_id,
         NULL AS ticket_id, i.create_date AS sent_at, CASE WHEN i.state = 'done' THEN coalesce(i.end_datetime, i.write_date) END AS responded_at,
         i.state = 'done' AS is_complete, NULL AS comment
  FROM survey_user_input AS i
  LEFT JOIN partner_of_email AS known ON known.email = lower(trim(i.email))
  WHERE NOT coalesce(i.test_entry, FALSE)
  UNION ALL
  SELECT concat('rating-', text(r.id)), 'rating', r.partner_id,
         CASE WHEN r.res_model = 'project.task' AND t.id IS NOT NULL THEN concat('task-', text(t.id))
              WHEN r.res_model = 'helpdesk.ticket' AND h.id IS NOT NULL THEN concat('ticket-', text(h.id)) END,
         r.create_date, CASE WHEN r.consumed THEN coalesce(m.date, r.write_date) END, coalesce(r.consumed, FALSE), r.feedback
  FROM rating_rating AS r
  LEFT JOIN mail_message AS m ON m.id = r.message_id
  LEFT JOIN helpdesk_ticket AS h ON r.res_model = 'helpdesk.ticket' AND h.id = r.res_id
  LEFT JOIN project_task AS t ON r.res_model = 'project.task' AND t.id = r.res_id AND NOT EXISTS (SELECT 1 FROM helpdesk_ticket)
)
SELECT answer.response_id AS response_id, answer.survey_id AS survey_id, p.customer_id AS customer_id, p.contact_id AS contact_id,
       answer.ticket_id AS ticket_id, answer.sent_at AS sent_at,
       CASE WHEN answer.responded_at < answer.sent_at THEN answer.sent_at ELSE answer.responded_at END AS responded_at,
       answer.is_complete AS is_complete, answer.comment AS comment
FROM answer
LEFT JOIN partner AS p ON p.id = answer.partner_id
