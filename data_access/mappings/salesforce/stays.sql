-- The stays of every deal. Of several logs the most exact is taken: Salesforce's own history of the deal, its log of the
-- field, the versions that history mode keeps. Versions begin when syncing began: what was before is not known.
WITH deal AS (
    SELECT d.id AS id, d.stage_name AS stage_name, d.outcome AS outcome, d.created_date AS created_date,
           d.last_modified_date AS last_modified_date, d.closed_about AS closed_about
    FROM deals AS d
), stage AS (
    SELECT g.stage_name AS stage_name, g.outcome AS outcome, g.position AS position FROM stages AS g
), changes AS (
    SELECT f.opportunity_id AS deal, f.old_value AS old_value, f.new_value AS new_value, f.created_date AS at,
           f.created_by_id AS changed_by, f.id AS tie,
           row_number() OVER (PARTITION BY f.opportunity_id ORDER BY f.created_date, f.id) AS place
    FROM opportunity_field_history AS f
    WHERE f.field = 'StageName' AND NOT coalesce(f.is_deleted, FALSE)
), entries AS (
    SELECT h.opportunity_id AS deal, h.stage_name AS stage_name, h.created_date AS at, h.created_by_id AS changed_by,
           h.id AS tie, 1 AS log
    FROM opportunity_history AS h
    WHERE h.opportunity_id IS NOT NULL AND NOT coalesce(h.is_deleted, FALSE)
    UNION ALL
    SELECT c.deal AS deal, c.new_value AS stage_name, c.at AS at, c.changed_by AS changed_by, c.tie AS tie, 2 AS log
    FROM changes AS c
    UNION ALL
    SELECT c.deal AS deal, c.old_value AS stage_name, d.created_date AS at, NULL AS changed_by, '' AS tie, 2 AS log
    FROM changes AS c JOIN deal AS d ON d.id = c.deal
    WHERE c.place = 1
    UNION ALL
    SELECT h.id AS deal, h.stage_name AS stage_name, h._fivetran_start AS at, NULL AS changed_by, '' AS tie, 3 AS log
    FROM opportunity_history AS h
    WHERE h.opportunity_id IS NULL AND h._fivetran_start IS NOT NULL
    UNION ALL
    SELECT o.id AS deal, o.stage_name AS stage_name, o._fivetran_start AS at, NULL AS changed_by, '' AS tie, 3 AS log
    FROM opportunity AS o
    WHERE o._fivetran_start IS NOT NULL
), ranked AS (
    SELECT e.deal AS deal, e.stage_name AS stage_name, e.at AS at, e.changed_by AS changed_by, e.tie AS tie, e.log AS log,
           MIN(e.log) OVER (PARTITION BY e.deal) AS best_log
    FROM entries AS e
), moments AS (
    SELECT r.deal AS deal, r.stage_name AS stage_name, r.at AS at, r.changed_by AS changed_by, r.tie AS tie, r.log AS log,
           lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.at, r.tie) AS next_at
    FROM ranked AS r
    WHERE r.log = r.best_log
), told AS (
    -- of several entries of one moment the last
    SELECT m.deal AS deal, m.stage_name AS stage_name, m.at AS at, m.changed_by AS changed_by, m.tie AS tie, m.log AS log,
           lag(m.stage_name) OVER (PARTITION BY m.deal ORDER BY m.at, m.tie) AS stage_before
    FROM moments AS m
    WHERE m.next_at IS NULL OR m.next_at <> m.at
), steps AS (
    SELECT t.deal AS deal, t.stage_name AS stage_name, t.at AS at, t.changed_by AS changed_by, t.log AS log,
           row_number() OVER (PARTITION BY t.deal ORDER BY t.at, t.tie) AS place,
           lead(t.at) OVER (PARTITION BY t.deal ORDER BY t.at, t.tie) AS next_at
    FROM told AS t
    WHERE t.stage_before IS NULL OR t.stage_before <> t.stage_name
), firsts AS (
    SELECT s.deal AS deal, s.stage_name AS stage_name, s.at AS at, s.log AS log, g.outcome AS outcome,
           d.created_date AS created_date,
           s.log = 3 AND s.at > add_days(d.created_date, 1) AS is_late
    FROM steps AS s
    JOIN deal AS d ON d.id = s.deal
    LEFT JOIN stage AS g ON g.stage_name = s.stage_name
    WHERE s.place = 1
), rebuilt AS (
    -- the first stage that is known holds from the opening on
    SELECT f.deal AS deal, f.stage_name AS stage_name, f.created_date AS at, NULL AS changed_by, 1 AS turn,
           f.is_late AS is_reconstructed
    FROM firsts AS f
    WHERE f.log < 3 OR NOT f.is_late OR f.outcome = 'open'
    UNION ALL
    -- closed before syncing began: open in a stage that is not known, then closed about when the deal says
    SELECT f.deal AS deal, NULL AS stage_name, f.created_date AS at, NULL AS changed_by, 1 AS turn, TRUE AS is_reconstructed
    FROM firsts AS f
    WHERE f.is_late AND f.outcome <> 'open'
    UNION ALL
    SELECT f.deal AS deal, f.stage_name AS stage_name,
           CASE WHEN d.closed_about < f.at THEN d.closed_about ELSE f.at END AS at, NULL AS changed_by, 2 AS turn,
           TRUE AS is_reconstructed
    FROM firsts AS f JOIN deal AS d ON d.id = f.deal
    WHERE f.is_late AND f.outcome <> 'open'
    UNION ALL
    SELECT s.deal AS deal, s.stage_name AS stage_name,
           CASE WHEN s.at < d.created_date THEN d.created_date ELSE s.at END AS at, s.changed_by AS changed_by, 3 AS turn,
           FALSE AS is_reconstructed
    FROM steps AS s JOIN deal AS d ON d.id = s.deal
    WHERE s.place > 1
    UNION ALL
    -- no log at all
    SELECT d.id AS deal, CASE WHEN d.outcome = 'open' THEN d.stage_name END AS stage_name, d.created_date AS at,
           NULL AS changed_by, 1 AS turn, TRUE AS is_reconstructed
    FROM deal AS d LEFT JOIN firsts AS f ON f.deal = d.id
    WHERE f.deal IS NULL
    UNION ALL
    SELECT d.id AS deal, d.stage_name AS stage_name, d.closed_about AS at, NULL AS changed_by, 4 AS turn,
           TRUE AS is_reconstructed
    FROM deal AS d LEFT JOIN firsts AS f ON f.deal = d.id
    WHERE f.deal IS NULL AND d.outcome <> 'open'
    UNION ALL
    -- the log does not reach the present stage
    SELECT d.id AS deal, d.stage_name AS stage_name,
           CASE WHEN coalesce(d.closed_about, d.last_modified_date, s.at) > s.at
                THEN coalesce(d.closed_about, d.last_modified_date, s.at) ELSE s.at END AS at,
           NULL AS changed_by, 5 AS turn, TRUE AS is_reconstructed
    FROM steps AS s JOIN deal AS d ON d.id = s.deal
    WHERE s.next_at IS NULL AND s.stage_name <> d.stage_name
), numbered AS (
    SELECT r.deal AS deal, r.stage_name AS stage_name, r.at AS at, r.changed_by AS changed_by,
           r.is_reconstructed AS is_reconstructed,
           row_number() OVER (PARTITION BY r.deal ORDER BY r.at, r.turn) AS seq,
           lead(r.at) OVER (PARTITION BY r.deal ORDER BY r.at, r.turn) AS left_at
    FROM rebuilt AS r
)
SELECT n.deal AS deal, n.seq AS seq, n.stage_name AS stage_name, n.at AS at, n.left_at AS left_at,
       n.changed_by AS changed_by, n.is_reconstructed AS is_reconstructed,
       CASE WHEN n.left_at IS NULL THEN d.outcome WHEN n.stage_name IS NULL THEN 'open' ELSE coalesce(g.outcome, 'open') END AS outcome,
       g.position AS position
FROM numbered AS n
JOIN deal AS d ON d.id = n.deal
LEFT JOIN stage AS g ON g.stage_name = n.stage_name
