SELECT text(l.leadid) AS lead_id, coalesce(nullif(trim(concat(l.firstname, ' ', l.lastname)), ''), l.company) AS name,
       email_key(l.email) AS email_key, nullif(l.leadsource, '') AS source_raw, channel(l.leadsource) AS channel,
       text(owner.id) AS owner_id, coalesce(l.leadstatus, '') AS status_raw,
       CASE WHEN l.converted = 1 THEN 'converted' ELSE mapped(coalesce(l.leadstatus, ''), 'lead_status') END AS status,
       to_utc(e.createdtime, setting('timezone')) AS created_at
FROM vtiger_leaddetails AS l
JOIN vtiger_crmentity AS e ON e.crmid = l.leadid AND e.deleted = 0
LEFT JOIN vtiger_users AS owner ON owner.id = e.smownerid
