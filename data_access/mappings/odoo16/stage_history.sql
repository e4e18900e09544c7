-- What the chatter logged of `stage_id` and `active`, played forward for each deal from the stage before the first change.
-- Being archived and coming back are stays of their own; what was logged before a lead became a deal is its first stay.
-- A deal that was never logged, or is not where its log ends, gets a reconstructed stay in its present stage; losing
-- leaves the stage as it was, winning is a stage, so that the one before it is not known then. When deals are merged, Odoo hands
-- the log of those that go to the one that stays, with a subject ("From ..."); a deal's own log has none.
WITH deal AS (
  SELECT d.id AS lead_id, d.opened_at, d.stage_id, d.ended_at, CASE WHEN d.active THEN 1 ELSE 0 END AS is_active,
         CASE WHEN d.outcome = 'void' THEN 1 ELSE 0 END AS is_void, CASE WHEN d.outcome = 'won' THEN 1 ELSE 0 END AS is_won
  FROM lead_or_deal AS d
  WHERE d.is_deal
),
logged AS (
  SELECT m.res_id AS lead_id, m.date AS at, v.id AS row_id, m.create_uid AS user_id,
         CASE WHEN f.name = 'stage_id' THEN v.old_value_integer END AS old_stage,
         CASE WHEN f.name = 'stage_id' THEN v.new_value_integer END AS new_stage,
         CASE WHEN f.name = 'active' THEN v.old_value_integer END AS old_active,
         CASE WHEN f.name = 'active' THEN v.new_value_integer END AS new_active
  FROM ir_model_fields AS f
  JOIN mail_tracking_value AS v ON v.field = f.id
  JOIN mail_message AS m ON m.id = v.mail_message_id
  WHERE f.model = 'crm.lead' AND f.name IN ('stage_id', 'active', 'type') AND m.model = 'crm.lead' AND m.subject IS NULL
),
line AS (  -- each deal's opening (row 0), its log, and what it is now (place 2)
  SELECT lead_id, 1 AS place, opened_at AS at, 0 AS row_id, NULL AS user_id, NULL AS old_stage, NULL AS new_stage,
         NULL AS old_active, NULL AS new_active, stage_id, is_void, is_won
  FROM deal
  UNION ALL
  SELECT d.lead_id, 1, CASE WHEN e.at < d.opened_at THEN d.opened_at ELSE e.at END, e.row_id, e.user_id, e.old_stage, e.new_stage,
         e.old_active, e.new_active, d.stage_id, d.is_void, d.is_won
  FROM logged AS e
  JOIN deal AS d ON d.lead_id = e.lead_id
  UNION ALL
  SELECT lead_id, 2, ended_at, 0, NULL, NULL, stage_id, NULL, is_active, stage_id, is_void, is_won FROM deal
),
counted AS (
  SELECT line.*, count(new_stage) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS stage_step,
         count(new_active) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS active_step
  FROM line
),
played AS (  -- the highest step so far carries the last value that was written
  SELECT counted.*,
         max(stage_step * 1000000000 + new_stage) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS stage_code,
         max(active_step * 10 + new_active) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS active_code,
         max(CASE WHEN stage_step = 1 THEN old_stage END) OVER (PARTITION BY lead_id) AS first_stage,
         max(CASE WHEN active_step = 1 THEN old_active END) OVER (PARTITION BY lead_id) AS first_active,
         max(CASE WHEN place = 1 THEN stage_step END) OVER (PARTITION BY lead_id) AS stage_steps,
         max(CASE WHEN place = 1 THEN active_step END) OVER (PARTITION BY lead_id) AS active_steps,
         max(row_id) OVER (PARTITION BY lead_id) AS last_row,
         lag(at) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS previous_at,
         lead(at) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS next_at,
         lead(place) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS next_place
  FROM counted
),
state AS (  -- one row for each moment; every window keeps the order of the first, so that one sort does
  SELECT lead_id, place, at, row_id, user_id,
         CASE WHEN place = 2 AND at < previous_at THEN previous_at ELSE at END AS entered_at,
         CASE WHEN stage_code IS NOT NULL THEN stage_code % 1000000000
              WHEN stage_steps > 0 THEN first_stage
              WHEN last_row > 0 OR is_won = 0 THEN stage_id END AS stage_id,
         CASE WHEN active_code IS NOT NULL THEN active_code % 10 ELSE coalesce(first_active, 1) END AS is_active,
         CASE WHEN is_void = 1 AND active_step >= active_steps THEN 1 ELSE 0 END AS is_void,
         CASE WHEN place = 2 OR last_row = 0 THEN 1 ELSE 0 END AS is_rebuilt
  FROM played
  WHERE place = 2 OR next_place = 2 OR next_at <> at
),
compared AS (
  SELECT state.*, row_number() OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS number,
         lag(stage_id) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS previous_stage,
         lag(is_active) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS previous_active
  FROM state
),
stay AS (
  SELECT lead_id, user_id, entered_at, stage_id, is_active, is_void, is_rebuilt,
         row_number() OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS seq,
         lead(entered_at) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS left_at,
         lag(stage_id) OVER (PARTITION BY lead_id ORDER BY place, at, row_id) AS came_from
  FROM compared
  WHERE number = 1 OR is_active <> previous_active OR coalesce(stage_id, 0) <> coalesce(previous_stage, 0)
)
SELECT text(stay.lead_id) AS opportunity_id, stay.seq AS seq, text(s.id) AS stage_id,
       CASE WHEN stay.is_active = 0 AND stay.is_void = 1 THEN 'void' WHEN stay.is_active = 0 THEN 'lost' WHEN s.is_won THEN 'won'
            ELSE 'open' END AS outcome,
       stay.entered_at AS entered_at, stay.left_at AS left_at, text(u.id) AS changed_by, stay.seq = 1 AS is_initial,
       stay.is_rebuilt = 1 AS is_reconstructed, coalesce(s.sequence < earlier.sequence, FALSE) AS is_backward
FROM stay
LEFT JOIN crm_stage AS s ON s.id = stay.stage_id
LEFT JOIN crm_stage AS earlier ON earlier.id = stay.came_from
LEFT JOIN res_users AS u ON u.id = stay.user_id AND NOT u.share
