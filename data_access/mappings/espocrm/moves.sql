-- The stages that the stream of a deal tells: notes of type Update hold the audited fields as JSON, before and after.
WITH logged AS (
    SELECT n.parent_id AS deal_id, n.created_at AS moved_at, n.id, n.created_by_id,
           nullif(json_text(n.data, '$.attributes.was.stage'), '') AS was,
           json_text(n.data, '$.attributes.became.stage') AS becomes
    FROM note AS n
    WHERE n.type = 'Update' AND n.parent_type = 'Opportunity' AND NOT n.deleted
),
placed AS (
    SELECT l.deal_id, l.moved_at, l.created_by_id, l.was, l.becomes,
           row_number() OVER (PARTITION BY l.deal_id ORDER BY l.moved_at, l.id) AS place,
           lead(l.moved_at) OVER (PARTITION BY l.deal_id ORDER BY l.moved_at, l.id) AS later,
           lag(l.becomes) OVER (PARTITION BY l.deal_id ORDER BY l.moved_at, l.id) AS before_it
    FROM logged AS l
    WHERE l.becomes <> ''
)
SELECT p.deal_id, p.moved_at, p.created_by_id, p.was, p.becomes, p.place,
       CASE WHEN p.later IS NULL THEN 1 ELSE 0 END AS is_last,
       CASE WHEN p.later = p.moved_at OR p.before_it = p.becomes OR p.was = p.becomes THEN 0 ELSE 1 END AS is_move
FROM placed AS p
