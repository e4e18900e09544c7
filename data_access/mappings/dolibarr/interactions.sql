SELECT text(a.id) AS interaction_id, mapped(a.code, 'interaction_kind') AS kind,
       CASE a.code WHEN 'AC_EMAIL_IN' THEN 'inbound' END AS direction, text(s.rowid) AS customer_id, text(p.rowid) AS contact_id,
       text(d.id) AS opportunity_id, text(u.rowid) AS owner_id, to_utc(a.datep, setting('timezone')) AS occurred_at,
       CASE WHEN coalesce(a.percent, -1) IN (-1, 100) THEN to_utc(coalesce(a.datep2, a.datep), setting('timezone')) END AS done_at,
       a.label AS subject
FROM actioncomm AS a
LEFT JOIN societe AS s ON s.rowid = a.fk_soc AND s.client IN (1, 2, 3) AND mapped(s.entity, 'entity') = 'yes'
LEFT JOIN socpeople AS p ON p.rowid = a.fk_contact AND mapped(p.entity, 'entity') = 'yes'
LEFT JOIN deals AS d ON d.id = a.fk_project
LEFT JOIN "user" AS u ON u.rowid = a.fk_user_action
WHERE mapped(a.code, 'interaction_kind') IS NOT NULL AND a.datep IS NOT NULL AND mapped(a.entity, 'entity') = 'yes'
