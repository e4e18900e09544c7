-- Tasks as the chatter logged their stages: open, or closed in a stage that is folded.
WITH logged AS (
  SELECT m.res_id AS task_id, m.date AS at, v.id AS row_id, v.old_value_integer AS old_stage, v.new_value_integer AS new_stage
  FROM ir_model_fields AS f
  JOIN mail_tracking_value AS v ON v.field = f.id
  JOIN mail_message AS m ON m.id = v.mail_message_id
  WHERE f.model = 'project.task' AND f.name = 'stage_id' AND m.model = 'project.task'
),
numbered AS (
  SELECT logged.*, row_number() OVER (PARTITION BY task_id ORDER BY at, row_id) AS number,
         lead(at) OVER (PARTITION BY task_id ORDER BY at, row_id) AS next_at
  FROM logged
),
line AS (
  SELECT t.id AS task_id, t.create_date AS at, 0 AS row_id, coalesce(first.old_stage, t.stage_id) AS stage_id
  FROM project_task AS t
  LEFT JOIN numbered AS first ON first.task_id = t.id AND first.number = 1
  WHERE NOT EXISTS (SELECT 1 FROM helpdesk_ticket)
  UNION ALL
  SELECT n.task_id, n.at, n.row_id, n.new_stage
  FROM numbered AS n
  JOIN project_task AS t ON t.id = n.task_id AND t.create_date <= n.at
  WHERE (n.next_at IS NULL OR n.next_at <> n.at) AND NOT EXISTS (SELECT 1 FROM helpdesk_ticket)
),
told AS (
  SELECT line.*, CASE WHEN stage.fold THEN 'closed' ELSE 'open' END AS status FROM line
  LEFT JOIN project_task_type AS stage ON stage.id = line.stage_id
),
compared AS (
  SELECT told.*, lag(status) OVER (PARTITION BY task_id ORDER BY at, row_id) AS previous FROM told
)
SELECT concat('task-', text(task_id)) AS ticket_id, row_number() OVER (PARTITION BY task_id ORDER BY at, row_id) AS seq,
       status AS status, at AS entered_at, lead(at) OVER (PARTITION BY task_id ORDER BY at, row_id) AS left_at
FROM compared
WHERE previous IS NULL OR previous <> status
