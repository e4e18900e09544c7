SELECT c.id AS campaign_id, c.name AS name, nullif(c.type, '') AS type_raw, coalesce(channel(c.type), 'other') AS channel,
       nullif(c.status, '') AS status, c.start_date AS starts_on, c.end_date AS ends_on, owner.id AS owner_id,
       c.modified_at AS updated_at
FROM campaign AS c
LEFT JOIN "user" AS owner ON owner.id = c.assigned_user_id
WHERE NOT c.deleted
