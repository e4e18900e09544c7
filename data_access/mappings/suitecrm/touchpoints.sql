-- Opens, clicks and filled-in forms of campaigns; a message that nobody opened is no touch. A target that became a lead
-- is that lead, and a lead that was converted has the account that it was converted to.
SELECT l.id AS touchpoint_id, coalesce(account.id, employment.account_id, employer.id) AS customer_id, person.id AS contact_id, lead.id AS lead_id,
       c.id AS campaign_id, coalesce(channel(c.campaign_type), 'other') AS channel,
       CASE l.activity_type WHEN 'viewed' THEN 'email' WHEN 'link' THEN 'click' ELSE 'form' END AS kind,
       l.activity_date AS occurred_at, l.date_modified AS updated_at
FROM campaign_log AS l
JOIN campaigns AS c ON c.id = l.campaign_id AND c.deleted = 0
LEFT JOIN prospect_lists AS list ON list.id = l.list_id
LEFT JOIN accounts AS account ON account.id = l.target_id AND account.deleted = 0
LEFT JOIN contacts AS person ON person.id = l.target_id AND person.deleted = 0
LEFT JOIN prospects AS target ON target.id = l.target_id AND target.deleted = 0
LEFT JOIN leads AS lead ON lead.id = coalesce(nullif(target.lead_id, ''), l.target_id) AND lead.deleted = 0
LEFT JOIN accounts AS employer ON employer.id = lead.account_id AND employer.deleted = 0
LEFT JOIN employers AS employment ON employment.contact_id = person.id
WHERE coalesce(l.deleted, 0) = 0 AND l.activity_type IN ('viewed', 'link', 'lead', 'contact')
  AND l.activity_date IS NOT NULL AND coalesce(list.list_type, '') <> 'test'
