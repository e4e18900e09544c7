-- People who work here, those who left included; portal users are customers, `share` tells them.
SELECT text(u.id) AS user_id, coalesce(p.name, u.login) AS name, p.email AS email, u.active AS is_active,
       text(coalesce(u.sale_team_id, member.team_id)) AS team_id, text(coalesce(chief.user_id, team.user_id)) AS manager_id,
       u.login = '__system__' AS is_integration, u.write_date AS updated_at
FROM res_users AS u
JOIN res_partner AS p ON p.id = u.partner_id
LEFT JOIN (SELECT user_id, min(crm_team_id) AS team_id FROM crm_team_member WHERE active GROUP BY user_id) AS member
  ON member.user_id = u.id
LEFT JOIN (
  SELECT e.user_id AS staff_id, min(above.user_id) AS user_id
  FROM hr_employee AS e
  JOIN hr_employee AS above ON above.id = e.parent_id
  GROUP BY e.user_id
) AS chief ON chief.staff_id = u.id AND chief.user_id <> u.id
LEFT JOIN crm_team AS team ON team.id = coalesce(u.sale_team_id, member.team_id) AND team.user_id <> u.id
WHERE NOT u.share
