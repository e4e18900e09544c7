-- Projects that are followed as opportunities. One that was closed neither won nor lost was given up. Nothing is logged: a
-- deal was closed with its project, else when it was last written.
SELECT p.rowid AS id, p.fk_opp_status AS stage_id,
       CASE WHEN s.code IN ('WON', 'LOST') THEN stage_outcome(s.code) WHEN p.fk_statut = 2 THEN 'void' ELSE stage_outcome(s.code) END AS outcome,
       to_utc(coalesce(p.datec, p.tms), setting('timezone')) AS created_at,
       CASE WHEN p.date_close >= coalesce(p.datec, p.tms) THEN to_utc(p.date_close, setting('timezone'))
            WHEN p.tms >= coalesce(p.datec, p.tms) THEN to_utc(p.tms, setting('timezone'))
            ELSE to_utc(coalesce(p.datec, p.tms), setting('timezone')) END AS closed_about
FROM projet AS p
JOIN c_lead_status AS s ON s.rowid = p.fk_opp_status
WHERE coalesce(p.usage_opportunity, 1) = 1 AND mapped(p.entity, 'entity') = 'yes'
