-- Losing has no stage: a lost deal keeps its own and is archived.
SELECT text(s.id) AS stage_id, i18n(s.name) AS name, row_number() OVER (ORDER BY s.sequence, i18n(s.name), s.id) AS position,
       CASE WHEN s.is_won THEN 'won' ELSE 'open' END AS outcome, s.write_date AS updated_at
FROM crm_stage AS s
