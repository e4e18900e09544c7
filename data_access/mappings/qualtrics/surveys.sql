SELECT s.survey_id AS survey_id, s.name AS name, s.kind AS kind, s.scale_min AS scale_min, s.scale_max AS scale_max,
       s.asked_at AS asked_at
FROM scales AS s
