-- The stays of every deal: from the log of stages, else from the log of properties; both begin with the first stage.
WITH deal_now AS (
    SELECT d.id AS id, d.stage_id AS stage_id, d.outcome AS outcome, d.created_date AS created_date,
           d.closed_about AS closed_about
    FROM deals AS d
), stage AS (
    SELECT g.stage_id AS stage_id, g.outcome AS outcome, g.position AS position FROM stages AS g
), entries AS (
    SELECT s.deal_id AS deal, s.value AS stage_id, coalesce(s.date_entered, s._fivetran_start) AS at,
           s.source_id AS changed_by, 1 AS log
    FROM deal_stage AS s
    WHERE s.value IS NOT NULL
    UNION ALL
    SELECT h.deal_id AS deal, h.value AS stage_id, h.timestamp AS at, h.source_id AS changed_by, 2 AS log
    FROM deal_property_history AS h
    WHERE h.name = 'dealstage' AND h.value IS NOT NULL
), ranked AS (
    -- of several entries of one moment the last is the one in the present stage
    SELECT e.deal AS deal, e.stage_id AS stage_id, e.at AS at, e.changed_by AS changed_by, e.log AS log,
           CASE WHEN d.stage_id = e.stage_id THEN 1 ELSE 0 END AS tie, MIN(e.log) OVER (PARTITION BY e.deal) AS best_log
    FROM entries AS e
    JOIN deal_now AS d ON d.id = e.deal
), moments AS (
    SELECT r.deal AS deal, r.stage_id AS stage_id, r.at AS at, r.changed_by AS changed_by, r.tie AS tie,
           lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.at, r.tie, r.stage_id) AS next_at
    FROM ranked AS r
    WHERE r.log = r.best_log
), told AS (
    SELECT m.deal AS deal, m.stage_id AS stage_id, m.at AS at, m.changed_by AS changed_by, m.tie AS tie,
           lag(m.stage_id) OVER (PARTITION BY m.deal ORDER BY m.at, m.tie, m.stage_id) AS stage_before
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
), steps AS (
    SELECT t.deal AS deal, t.stage_id AS stage_id, t.at AS at, t.changed_by AS changed_by,
           row_number() OVER (PARTITION BY t.deal ORDER BY t.at, t.tie, t.stage_id) AS place,
           lead(t.at) OVER (PARTITION BY t.deal ORDER BY t.at, t.tie, t.stage_id) AS next_at
    FROM told AS t
    WHERE t.stage_before IS NULL OR t.stage_before <> t.stage_id
), rebuilt AS (
    SELECT s.deal AS deal, s.stage_id AS stage_id,
           CASE WHEN s.place = 1 OR s.at < d.created_date THEN d.created_date ELSE s.at END AS at, s.changed_by AS changed_by,
           s.place AS turn, FALSE AS is_reconstructed
    FROM steps AS s JOIN deal_now AS d ON d.id = s.deal
    UNION ALL
    -- no log at all
    SELECT d.id AS deal, CASE WHEN d.outcome = 'open' THEN d.stage_id END AS stage_id, d.created_date AS at,
           NULL AS changed_by, 1 AS turn, TRUE AS is_reconstructed
    FROM deal_now AS d LEFT JOIN steps AS s ON s.deal = d.id AND s.place = 1
    WHERE s.deal IS NULL
    UNION ALL
    SELECT d.id AS deal, d.stage_id AS stage_id, d.closed_about AS at, NULL AS changed_by, 2 AS turn, TRUE AS is_reconstructed
    FROM deal_now AS d LEFT JOIN steps AS s ON s.deal = d.id AND s.place = 1
    WHERE s.deal IS NULL AND d.outcome <> 'open'
    UNION ALL
    -- the log does not reach the present stage
    SELECT d.id AS deal, d.stage_id AS stage_id,
           CASE WHEN d.closed_about > s.at THEN d.closed_about WHEN s.at < d.created_date THEN d.created_date ELSE s.at END AS at,
           NULL AS changed_by, 9999 AS turn, TRUE AS is_reconstructed
    FROM steps AS s JOIN deal_now AS d ON d.id = s.deal
    WHERE s.next_at IS NULL AND s.stage_id <> d.stage_id
), numbered AS (
    SELECT r.deal AS deal, r.stage_id AS stage_id, r.at AS at, r.changed_by AS changed_by,
           r.is_reconstructed AS is_reconstructed,
           row_number() OVER (PARTITION BY r.deal ORDER BY r.at, r.turn) AS seq,
           lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.at, r.turn) AS left_at
    FROM rebuilt AS r
)
SELECT n.deal AS deal, n.seq AS seq, n.stage_id AS stage_id, n.at AS at, n.left_at AS left_at, n.changed_by AS changed_by,
       n.is_reconstructed AS is_reconstructed,
       CASE WHEN n.left_at IS NULL THEN d.outcome ELSE coalesce(g.outcome, 'open') END AS outcome, g.position AS position
FROM numbered AS n
JOIN deal_now AS d ON d.id = n.deal
LEFT JOIN stage AS g ON g.stage_id = n.stage_id
