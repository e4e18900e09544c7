-- The history holds the whole row once more for each write, in the order of `__id`: here are those in which the state changed.
-- Of several within one moment the last counts; what was deleted keeps an empty row.
WITH version AS (
  SELECT h.id AS id, h.state AS state, coalesce(h.write_date, h.create_date) AS at, coalesce(h.write_uid, h.create_uid) AS user_id,
         ident("__id") AS number,
         lead(coalesce(h.write_date, h.create_date)) OVER (PARTITION BY h.id ORDER BY ident("__id")) AS next_at
  FROM sale_opportunity__history AS h
  WHERE h.state IS NOT NULL
),
told AS (
  SELECT version.*, lag(state) OVER (PARTITION BY id ORDER BY number) AS previous
  FROM version WHERE next_at IS NULL OR next_at <> at
)
SELECT id, state, at, user_id, number, previous FROM told WHERE previous IS NULL OR previous <> state
