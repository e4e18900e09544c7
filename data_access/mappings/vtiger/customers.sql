SELECT text(a.accountid) AS customer_id, a.accountname AS name, 'company' AS kind, nullif(a.email1, '') AS email,
       nullif(a.phone, '') AS phone, nullif(b.bill_state, '') AS region, nullif(b.bill_city, '') AS city,
       nullif(a.industry, '') AS industry, nullif(a.account_type, '') AS segment, text(owner.id) AS owner_id,
       to_utc(e.createdtime, setting('timezone')) AS first_seen_at, TRUE AS is_active, FALSE AS is_own_company
FROM vtiger_account AS a
JOIN vtiger_crmentity AS e ON e.crmid = a.accountid AND e.deleted = 0
LEFT JOIN vtiger_accountbillads AS b ON b.accountaddressid = a.accountid
LEFT JOIN vtiger_users AS owner ON owner.id = e.smownerid
