-- Commercial actions, with what they are expected to sell and what they cost, and campaigns of e-mails.
SELECT text(a.cremeentity_ptr_id) AS campaign_id, a.name AS name, kind.title AS type_raw, 'other' AS channel, a.start AS starts_on,
       a.due_date AS ends_on, text(e.user_id) AS owner_id, a.expected_sales AS expected_revenue_base,
       nullif(a.goal, '') AS objective, setting('base_currency') AS currency, e.modified AS updated_at
FROM commercial_act AS a
JOIN creme_core_cremeentity AS e ON e.id = a.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN commercial_acttype AS kind ON kind.id = a.act_type_id
UNION ALL
SELECT text(c.cremeentity_ptr_id), c.name, NULL, 'email', day(sent.first_at), day(sent.last_at), text(e.user_id), NULL, NULL,
       setting('base_currency'), e.modified
FROM emails_emailcampaign AS c
JOIN creme_core_cremeentity AS e ON e.id = c.cremeentity_ptr_id AND NOT e.is_deleted
LEFT JOIN (SELECT s.campaign_id, min(s.sending_date) AS first_at, max(s.sending_date) AS last_at
           FROM emails_emailsending AS s GROUP BY s.campaign_id) AS sent ON sent.campaign_id = c.cremeentity_ptr_id
