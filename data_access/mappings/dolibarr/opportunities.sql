SELECT text(d.id) AS opportunity_id, coalesce(p.title, p.ref) AS name, text(s.rowid) AS customer_id, text(u.rowid) AS owner_id,
       text(d.stage_id) AS stage_id, d.outcome AS outcome, p.opp_amount AS amount,
       CASE WHEN p.opp_percent BETWEEN 0 AND 100 THEN p.opp_percent / 100.0 END AS probability, d.created_at AS created_at,
       p.datee AS expected_close_date, CASE WHEN d.outcome <> 'open' THEN d.closed_about END AS closed_at,
       to_utc(p.tms, setting('timezone')) AS updated_at
FROM deals AS d
JOIN projet AS p ON p.rowid = d.id
LEFT JOIN societe AS s ON s.rowid = p.fk_soc AND s.client IN (1, 2, 3) AND mapped(s.entity, 'entity') = 'yes'
LEFT JOIN "user" AS u ON u.rowid = p.fk_user_creat
