SELECT text(t.ticketid) AS ticket_id, coalesce(text(account.crmid), text(employer.crmid)) AS customer_id,
       text(person.crmid) AS contact_id, t.title AS subject, nullif(t.category, '') AS category,
       nullif(t.priority, '') AS priority, t.status AS status_raw, mapped(t.status, 'ticket_status') AS status,
       to_utc(e.createdtime, setting('timezone')) AS opened_at, text(owner.id) AS owner_id
FROM vtiger_troubletickets AS t
JOIN vtiger_crmentity AS e ON e.crmid = t.ticketid AND e.deleted = 0
LEFT JOIN vtiger_crmentity AS account ON account.crmid = t.parent_id AND account.setype = 'Accounts' AND account.deleted = 0
LEFT JOIN vtiger_crmentity AS person
       ON person.crmid = coalesce(nullif(t.contact_id, 0), t.parent_id) AND person.setype = 'Contacts' AND person.deleted = 0
LEFT JOIN vtiger_contactdetails AS detail ON detail.contactid = person.crmid
LEFT JOIN vtiger_crmentity AS employer ON employer.crmid = detail.accountid AND employer.setype = 'Accounts' AND employer.deleted = 0
LEFT JOIN vtiger_users AS owner ON owner.id = e.smownerid
