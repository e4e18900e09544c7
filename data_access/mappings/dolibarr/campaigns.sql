SELECT text(m.rowid) AS campaign_id, coalesce(m.titre, m.sujet) AS name, 'email' AS channel, day(m.date_envoi) AS starts_on
FROM mailing AS m
WHERE mapped(m.entity, 'entity') = 'yes'
