-- Messages that went out or came in, and activities, done and open. Internal notes and what the system logs are no contact.
WITH touch AS (
  SELECT concat('message-', text(m.id)) AS interaction_id, m.model AS model, m.res_id AS res_id, m.date AS at, NULL AS due_on, 1 AS is_done,
         coalesce(CASE t.category WHEN 'phonecall' THEN 'call' WHEN 'meeting' THEN 'meeting' END,
                  CASE t.icon WHEN 'fa-phone' THEN 'call' WHEN 'fa-users' THEN 'meeting' WHEN 'fa-envelope' THEN 'email' END,
                  CASE WHEN t.id IS NOT NULL THEN 'task' ELSE 'email' END) AS kind,
         CASE WHEN t.id IS NULL THEN CASE WHEN u.id IS NULL THEN 'inbound' ELSE 'outbound' END END AS direction,
         u.id AS user_id, coalesce(m.subject, m.record_name) AS subject, m.write_date AS updated_at
  FROM mail_message AS m
  LEFT JOIN mail_message_subtype AS subtype ON subtype.id = m.subtype_id
  LEFT JOIN mail_activity_type AS t ON t.id = m.mail_activity_type_id
  LEFT JOIN (SELECT partner_id, min(id) AS id FROM res_users WHERE NOT share GROUP BY partner_id) AS u ON u.partner_id = m.author_id
  WHERE m.model IN ('crm.lead', 'res.partner', 'sale.order')
    AND (t.id IS NOT NULL OR m.message_type IN ('email', 'comment', 'email_outgoing', 'sms') AND NOT coalesce(subtype.internal, FALSE))
  UNION ALL
  SELECT concat('activity-', text(a.id)), a.res_model, a.res_id, a.create_date, a.date_deadline, 0,
         coalesce(CASE t.category WHEN 'phonecall' THEN 'call' WHEN 'meeting' THEN 'meeting' END,
                  CASE t.icon WHEN 'fa-phone' THEN 'call' WHEN 'fa-users' THEN 'meeting' WHEN 'fa-envelope' THEN 'email' END, 'task'),
         NULL, a.user_id, a.summary, a.write_date
  FROM mail_activity AS a
  LEFT JOIN mail_activity_type AS t ON t.id = a.activity_type_id
  WHERE a.res_model IN ('crm.lead', 'res.partner', 'sale.order') AND coalesce(a.active, TRUE)
)
SELECT touch.interaction_id AS interaction_id, touch.kind AS kind, touch.direction AS direction,
       p.customer_id AS customer_id, p.contact_id AS contact_id,
       CASE WHEN l.is_deal THEN text(l.id) ELSE text(o.opportunity_id) END AS opportunity_id,
       CASE WHEN l.is_lead THEN text(l.id) END AS lead_id,
       text(u.id) AS owner_id, touch.at AS occurred_at, touch.due_on AS due_at, CASE WHEN touch.is_done = 1 THEN touch.at END AS done_at,
       CASE WHEN touch.is_done = 1 THEN 'done' ELSE 'planned' END AS status, touch.subject AS subject, touch.updated_at AS updated_at
FROM touch
LEFT JOIN lead_or_deal AS l ON touch.model = 'crm.lead' AND l.id = touch.res_id
LEFT JOIN sale_order AS o ON touch.model = 'sale.order' AND o.id = touch.res_id
LEFT JOIN res_users AS u ON u.id = touch.user_id AND NOT u.share
LEFT JOIN partner AS p ON p.id = CASE touch.model WHEN 'crm.lead' THEN l.partner_id WHEN 'sale.order' THEN o.partner_id ELSE touch.res_id END
