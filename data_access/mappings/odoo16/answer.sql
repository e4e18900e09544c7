-- Messages of our own people that a customer could read: the first of each record, and how many.
SELECT m.model AS model, m.res_id AS res_id, min(m.date) AS first_at, count(*) AS answers
FROM mail_message AS m
JOIN (SELECT u.partner_id AS partner_id FROM res_users AS u WHERE NOT u.share GROUP BY u.partner_id) AS ours ON ours.partner_id = m.author_id
LEFT JOIN mail_message_subtype AS subtype ON subtype.id = m.subtype_id
WHERE m.model IN ('crm.lead', 'project.task', 'helpdesk.ticket') AND m.message_type IN ('comment', 'email', 'email_outgoing')
  AND NOT coalesce(subtype.internal, FALSE)
GROUP BY m.model, m.res_id
