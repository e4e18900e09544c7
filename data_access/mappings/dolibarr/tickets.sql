SELECT text(t.rowid) AS ticket_id, text(s.rowid) AS customer_id, t.subject AS subject, t.category_code AS category,
       coalesce(mapped(t.type_code, 'complaint'), mapped(t.category_code, 'complaint')) IS NOT NULL AS is_complaint,
       t.severity_code AS priority, text(t.fk_statut) AS status_raw, mapped(t.fk_statut, 'ticket_status') AS status,
       to_utc(t.datec, setting('timezone')) AS opened_at,
       CASE WHEN t.date_read >= t.datec THEN to_utc(t.date_read, setting('timezone')) END AS x_read_at,
       CASE WHEN t.fk_statut = 8 AND t.date_close >= t.datec THEN to_utc(t.date_close, setting('timezone')) END AS resolved_at,
       CASE WHEN t.fk_statut = 8 AND t.date_close >= t.datec THEN to_utc(t.date_close, setting('timezone')) END AS closed_at,
       text(u.rowid) AS owner_id, to_utc(t.tms, setting('timezone')) AS updated_at
FROM ticket AS t
LEFT JOIN societe AS s ON s.rowid = t.fk_soc AND s.client IN (1, 2, 3) AND mapped(s.entity, 'entity') = 'yes'
LEFT JOIN "user" AS u ON u.rowid = t.fk_user_assign
WHERE mapped(t.entity, 'entity') = 'yes'
