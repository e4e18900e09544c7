SELECT text(c.contactid) AS contact_id, text(account.crmid) AS customer_id,
       coalesce(nullif(trim(concat(c.firstname, ' ', c.lastname)), ''), text(c.contactid)) AS full_name,
       nullif(c.email, '') AS email, nullif(c.phone, '') AS phone, nullif(c.title, '') AS job_title,
       coalesce(c.emailoptout, '0') = '1' AS opted_out, to_utc(e.createdtime, setting('timezone')) AS created_at
FROM vtiger_contactdetails AS c
JOIN vtiger_crmentity AS e ON e.crmid = c.contactid AND e.deleted = 0
LEFT JOIN vtiger_crmentity AS account ON account.crmid = c.accountid AND account.setype = 'Accounts' AND account.deleted = 0
