SELECT text(p.rowid) AS contact_id, text(s.rowid) AS customer_id, trim(concat(p.firstname, ' ', p.lastname)) AS full_name,
       p.email AS email, p.phone_mobile AS phone, p.poste AS job_title,
       to_utc(coalesce(p.datec, p.tms), setting('timezone')) AS created_at, to_utc(p.tms, setting('timezone')) AS updated_at
FROM socpeople AS p
LEFT JOIN societe AS s ON s.rowid = p.fk_soc AND s.client IN (1, 2, 3)
WHERE mapped(p.entity, 'entity') = 'yes'
