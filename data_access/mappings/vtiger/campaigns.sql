SELECT text(c.campaignid) AS campaign_id, c.campaignname AS name, nullif(c.campaigntype, '') AS type_raw,
       coalesce(channel(c.campaigntype), 'other') AS channel, nullif(c.campaignstatus, '') AS status,
       c.closingdate AS ends_on, text(owner.id) AS owner_id, c.expectedrevenue AS expected_revenue_base
FROM vtiger_campaign AS c
JOIN vtiger_crmentity AS e ON e.crmid = c.campaignid AND e.deleted = 0
LEFT JOIN vtiger_users AS owner ON owner.id = e.smownerid
