-- The send after which somebody left a mailing list, or was put on the black list: the last that had gone to the address by then.
-- Odoo itself blocks addresses that bounce, which is no farewell.
WITH left_ AS (
  SELECT 'list' AS kind, c.email_normalized AS email, s.unsubscription_date AS at
  FROM mailing_contact_list_rel AS s JOIN mailing_contact AS c ON c.id = s.contact_id
  WHERE s.opt_out AND s.unsubscription_date IS NOT NULL
  UNION
  SELECT 'all', email, create_date FROM mail_blacklist WHERE active
),
before AS (
  SELECT s.id, s.trace_status, left_.at, row_number() OVER (PARTITION BY left_.kind, left_.email, left_.at ORDER BY s.sent_datetime DESC, s.id DESC) AS place
  FROM left_
  JOIN send AS s ON s.email = left_.email AND s.channel = 'email' AND s.sent_datetime <= left_.at
  WHERE left_.kind = 'all' OR s.model = 'mailing.contact'
)
SELECT id AS id, min(at) AS at FROM before WHERE place = 1 AND trace_status <> 'bounce' GROUP BY id
