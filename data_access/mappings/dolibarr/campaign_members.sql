-- A target keeps its last state only: 1 sent, 2 read, 3 unsubscribed, -1 failed. When it was read is when it was last written.
SELECT text(m.rowid) AS campaign_id, coalesce(email_key(t.email), text(t.rowid)) AS member_key, to_utc(t.date_envoi, setting('timezone')) AS first_sent_at,
       text(MIN(c.customer)) AS customer_id, text(MIN(c.id)) AS contact_id, email_key(MIN(t.email)) AS email_key,
       to_utc(t.date_envoi, setting('timezone')) AS sent_at,
       MIN(CASE WHEN t.statut = 2 AND t.tms >= t.date_envoi THEN to_utc(t.tms, setting('timezone')) END) AS opened_at,
       MIN(CASE WHEN t.statut = 3 AND t.tms >= t.date_envoi THEN to_utc(t.tms, setting('timezone')) END) AS unsubscribed_at,
       MIN(CASE WHEN t.statut = -1 AND t.tms >= t.date_envoi THEN to_utc(t.tms, setting('timezone')) END) AS bounced_at
FROM mailing_cibles AS t
JOIN mailing AS m ON m.rowid = t.fk_mailing AND mapped(m.entity, 'entity') = 'yes'
LEFT JOIN (
    SELECT p.rowid AS id, s.rowid AS customer
    FROM socpeople AS p LEFT JOIN societe AS s ON s.rowid = p.fk_soc AND s.client IN (1, 2, 3) AND mapped(s.entity, 'entity') = 'yes'
    WHERE mapped(p.entity, 'entity') = 'yes'
) AS c ON c.id = t.fk_contact
WHERE t.date_envoi IS NOT NULL
GROUP BY m.rowid, coalesce(email_key(t.email), text(t.rowid)), t.date_envoi
