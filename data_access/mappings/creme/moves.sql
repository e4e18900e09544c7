-- The moments at which a deal's phase was changed, from the lines of its history: JSON, `["Deal 1", ["sales_phase_id", 2, 5], ...]`,
-- with the fields in any order. Lines of one moment are one change; a phase that is entered twice is entered once.
WITH logged AS (
    SELECT h.entity_id AS deal_id, h.date AS moved_at, h.id, h.username,
           whole(json_text(item.value, '$[1]')) AS was, whole(json_text(item.value, '$[2]')) AS becomes
    FROM creme_core_historyline AS h
    CROSS JOIN json_rows(h.value) AS item
    WHERE h.type = 2 AND h.value LIKE '%"sales_phase%'
      AND json_text(item.value, '$[0]') IN ('sales_phase_id', 'sales_phase')
),
placed AS (
    SELECT l.deal_id, l.moved_at, l.username, l.was, l.becomes,
           row_number() OVER (PARTITION BY l.deal_id ORDER BY l.moved_at, l.id) AS place,
           lead(l.moved_at) OVER (PARTITION BY l.deal_id ORDER BY l.moved_at, l.id) AS later,
           lag(l.becomes) OVER (PARTITION BY l.deal_id ORDER BY l.moved_at, l.id) AS before_it
    FROM logged AS l
    WHERE l.becomes IS NOT NULL
)
SELECT p.deal_id, p.moved_at, p.username, p.was, p.becomes, p.place,
       CASE WHEN p.later IS NULL THEN 1 ELSE 0 END AS is_last,
       CASE WHEN p.later = p.moved_at OR p.before_it = p.becomes OR p.was = p.becomes THEN 0 ELSE 1 END AS is_move
FROM placed AS p
