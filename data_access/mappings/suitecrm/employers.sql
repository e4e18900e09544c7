-- The account that a contact belongs to: links that were taken back are rows too, and of several the last one made counts.
SELECT l.contact_id, account.id AS account_id
FROM accounts_contacts AS l
JOIN accounts AS account ON account.id = l.account_id AND account.deleted = 0
WHERE l.deleted = 0
  AND NOT EXISTS (SELECT 1 FROM accounts_contacts AS n
                  JOIN accounts AS other ON other.id = n.account_id AND other.deleted = 0
                  WHERE n.contact_id = l.contact_id AND n.deleted = 0 AND n.id <> l.id
                    AND (n.date_modified > l.date_modified
                         OR (n.date_modified = l.date_modified AND n.id < l.id)
                         OR (l.date_modified IS NULL AND (n.date_modified IS NOT NULL OR n.id < l.id))))
