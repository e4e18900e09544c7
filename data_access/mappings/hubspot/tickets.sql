-- A ticket that was taken up again keeps its last closing in HubSpot and has none here.
WITH companies AS (
    SELECT l.ticket_id AS ticket, coalesce(MIN(CASE WHEN l.type_id = 26 THEN c.id END), MIN(c.id)) AS company_id
    FROM ticket_company AS l
    JOIN company AS c ON c.id = l.company_id AND NOT coalesce(c.is_deleted, FALSE) AND NOT coalesce(c._fivetran_deleted, FALSE)
    GROUP BY l.ticket_id
), persons AS (
    SELECT l.ticket_id AS ticket, MIN(p.id) AS contact_id, MIN(p.customer_id) AS customer_id
    FROM ticket_contact AS l JOIN people AS p ON p.id = l.contact_id
    GROUP BY l.ticket_id
), merged AS (
    -- the one that stays names those that were merged into it, with semicolons between them
    SELECT DISTINCT json_text(item.value, '$') AS id
    FROM (SELECT text(t.id) AS id, nullif(t.property_hs_merged_object_ids, '') AS others FROM ticket AS t) AS s
    CROSS JOIN json_rows(concat('["', replace(s.others, ';', '","'), '"]')) AS item
    WHERE s.others IS NOT NULL AND json_text(item.value, '$') <> s.id
), moves AS (
    SELECT h.ticket_id AS ticket, coalesce(s.is_closed, s.ticket_state = 'CLOSED', FALSE) AS is_closed,
           lag(coalesce(s.is_closed, s.ticket_state = 'CLOSED', FALSE)) OVER (PARTITION BY h.ticket_id ORDER BY h.timestamp) AS was_closed
    FROM ticket_property_history AS h
    LEFT JOIN ticket_pipeline_stage AS s ON s.stage_id = h.value
    WHERE h.name = 'hs_pipeline_stage'
), reopenings AS (
    SELECT m.ticket AS ticket, SUM(CASE WHEN m.was_closed AND NOT m.is_closed THEN 1 ELSE 0 END) AS n
    FROM moves AS m
    GROUP BY m.ticket
), told AS (
    SELECT t.id AS id, s.label AS label,
           s.is_closed OR s.ticket_state = 'CLOSED' OR (s.stage_id IS NULL AND t.property_closed_date IS NOT NULL) AS is_closed
    FROM ticket AS t
    LEFT JOIN ticket_pipeline_stage AS s ON s.stage_id = t.property_hs_pipeline_stage AND s.pipeline_id = t.property_hs_pipeline
)
SELECT text(t.id) AS ticket_id, coalesce(text(company.company_id), person.customer_id) AS customer_id,
       text(person.contact_id) AS contact_id, t.property_subject AS subject, t.property_hs_ticket_category AS category,
       mapped(t.property_hs_ticket_category, 'complaint') IS NOT NULL AS is_complaint,
       channel(coalesce(t.property_source_type, '')) AS channel, t.property_hs_ticket_priority AS priority,
       coalesce(s.label, t.property_hs_pipeline_stage, 'unknown') AS status_raw,
       CASE WHEN gone.id IS NOT NULL THEN 'void' WHEN s.is_closed THEN 'closed'
            ELSE mapped(coalesce(s.label, 'open'), 'ticket_stage') END AS status,
       t.property_createdate AS opened_at,
       CASE WHEN t.property_first_agent_reply_date >= t.property_createdate THEN t.property_first_agent_reply_date END AS first_response_at,
       CASE WHEN s.is_closed AND t.property_closed_date >= t.property_createdate THEN t.property_closed_date END AS resolved_at,
       CASE WHEN s.is_closed AND t.property_closed_date >= t.property_createdate THEN t.property_closed_date END AS closed_at,
       reopened.n AS reopened_count,
       text(o.owner_id) AS owner_id, t.property_hs_lastmodifieddate AS updated_at
FROM ticket AS t
JOIN told AS s ON s.id = t.id
LEFT JOIN merged AS gone ON gone.id = text(t.id)
LEFT JOIN reopenings AS reopened ON reopened.ticket = t.id
LEFT JOIN companies AS company ON company.ticket = t.id
LEFT JOIN persons AS person ON person.ticket = t.id
LEFT JOIN owner AS o ON o.owner_id = t.property_hubspot_owner_id
WHERE NOT coalesce(t.is_deleted, FALSE) AND NOT coalesce(t._fivetran_deleted, FALSE)
