-- The help desk's tickets; where there is none, tasks that have a customer or came by e-mail. Tasks without either, parts of
-- other tasks, and what was archived before it was done are void. A task is open again when it leaves a folded stage. Answers are messages of our own people.
WITH again AS (
  SELECT m.res_id AS task_id, count(*) AS times
  FROM ir_model_fields AS f
  JOIN mail_tracking_value AS v ON v.field = f.id
  JOIN mail_message AS m ON m.id = v.mail_message_id
  JOIN project_task_type AS was ON was.id = v.old_value_integer AND was.fold
  JOIN project_task_type AS becomes ON becomes.id = v.new_value_integer AND NOT coalesce(becomes.fold, FALSE)
  WHERE f.model = 'project.task' AND f.name = 'stage_id' AND m.model = 'project.task'
  GROUP BY m.res_id
),
case_ AS (
  SELECT 'helpdesk.ticket' AS model, t.id AS id, t.name AS subject, t.partner_id AS partner_id, t.user_id AS user_id, t.priority AS priority,
         i18n(coalesce(a.name, b.name)) AS status_raw, t.create_date AS opened_at,
         CASE WHEN coalesce(a.fold, b.closed, FALSE) THEN coalesce(t.close_date, t.write_date) END AS closed_at,
         0 AS is_waiting, CASE WHEN coalesce(t.active, TRUE) OR coalesce(a.fold, b.closed, FALSE) THEN 0 ELSE 1 END AS is_void,
         NULL AS order_id, NULL AS category, NULL AS reopened_count, t.write_date AS updated_at
  FROM helpdesk_ticket AS t
  LEFT JOIN helpdesk_stage AS a ON a.id = t.stage_id
  LEFT JOIN helpdesk_ticket_stage AS b ON b.id = t.stage_id
  UNION ALL
  SELECT 'project.task', t.id, t.name, t.partner_id, who.user_id, t.priority, i18n(stage.name), t.create_date,
         CASE WHEN coalesce(t.is_closed, t.state IN ('1_done', '1_canceled'), stage.fold, FALSE)
              THEN coalesce(t.date_end, t.date_last_stage_update, t.write_date) END,
         CASE WHEN t.kanban_state = 'blocked' OR t.state = '04_waiting_normal' THEN 1 ELSE 0 END,
         CASE WHEN t.parent_id IS NOT NULL OR coalesce(t.partner_id, 0) IN (0, (SELECT min(partner_id) FROM res_company))
                   AND coalesce(t.email_from, t.partner_email, '') = ''
                   OR NOT coalesce(t.active, TRUE) AND NOT coalesce(t.is_closed, t.state IN ('1_done', '1_canceled'), stage.fold, FALSE)
              THEN 1 ELSE 0 END,
         t.sale_order_id, i18n(project.name), CASE WHEN t.state IS NULL THEN coalesce(again.times, 0) END, t.write_date
  FROM project_task AS t
  LEFT JOIN project_task_type AS stage ON stage.id = t.stage_id
  LEFT JOIN project_project AS project ON project.id = t.project_id
  LEFT JOIN (SELECT task_id, min(user_id) AS user_id FROM project_task_user_rel GROUP BY task_id) AS who ON who.task_id = t.id
  LEFT JOIN again ON again.task_id = t.id
  WHERE NOT EXISTS (SELECT 1 FROM helpdesk_ticket)
),
score AS (SELECT res_model, res_id, avg(rating) AS rating FROM rating_rating WHERE consumed AND rating >= 1 GROUP BY res_model, res_id)
SELECT concat(CASE c.model WHEN 'project.task' THEN 'task-' ELSE 'ticket-' END, text(c.id)) AS ticket_id,
       p.customer_id AS customer_id, p.contact_id AS contact_id,
       text(c.order_id) AS order_id, c.subject AS subject, c.category AS category, c.priority AS priority,
       coalesce(c.status_raw, 'open') AS status_raw,
       CASE WHEN c.is_void = 1 THEN 'void' WHEN c.closed_at IS NOT NULL THEN 'closed' WHEN c.is_waiting = 1 THEN 'pending' ELSE 'open' END AS status,
       c.opened_at AS opened_at, CASE WHEN answer.first_at >= c.opened_at THEN answer.first_at END AS first_response_at,
       CASE WHEN c.closed_at < c.opened_at THEN c.opened_at ELSE c.closed_at END AS resolved_at,
       CASE WHEN c.closed_at < c.opened_at THEN c.opened_at ELSE c.closed_at END AS closed_at,
       c.reopened_count AS reopened_count, coalesce(answer.answers, 0) AS replies, text(u.id) AS owner_id, (score.rating - 1) / 4 AS satisfaction, c.updated_at AS updated_at
FROM case_ AS c
LEFT JOIN partner AS p ON p.id = c.partner_id
LEFT JOIN res_users AS u ON u.id = c.user_id AND NOT u.share
LEFT JOIN answer ON answer.model = c.model AND answer.res_id = c.id
LEFT JOIN score ON score.res_model = c.model AND score.res_id = c.id
