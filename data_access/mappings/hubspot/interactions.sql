WITH engagements AS (
    SELECT c.engagement_id AS id, 'call' AS kind, CASE c.property_hs_call_direction WHEN 'INBOUND' THEN 'inbound' WHEN 'OUTBOUND' THEN 'outbound' END AS direction,
           c.property_hubspot_owner_id AS owner_id, coalesce(c.property_hs_timestamp, c.property_hs_createdate) AS occurred_at,
           CAST(NULL AS TIMESTAMP) AS due_at, coalesce(c.property_hs_timestamp, c.property_hs_createdate) AS done_at,
           c.property_hs_call_duration / 1000 AS duration_s, c.property_hs_call_status AS status, c.property_hs_call_title AS subject
    FROM engagement_call AS c WHERE NOT coalesce(c._fivetran_deleted, FALSE)
    UNION ALL
    SELECT e.engagement_id AS id, 'email' AS kind, CASE e.property_hs_email_direction WHEN 'INCOMING_EMAIL' THEN 'inbound' WHEN 'EMAIL' THEN 'outbound' END AS direction,
           e.property_hubspot_owner_id AS owner_id, coalesce(e.property_hs_timestamp, e.property_hs_createdate) AS occurred_at,
           NULL AS due_at, coalesce(e.property_hs_timestamp, e.property_hs_createdate) AS done_at,
           NULL AS duration_s, e.property_hs_email_status AS status, e.property_hs_email_subject AS subject
    FROM engagement_email AS e WHERE NOT coalesce(e._fivetran_deleted, FALSE)
    UNION ALL
    SELECT m.engagement_id AS id, 'meeting' AS kind, NULL AS direction, m.property_hubspot_owner_id AS owner_id,
           coalesce(m.property_hs_timestamp, m.start_time, m.property_hs_createdate) AS occurred_at, NULL AS due_at,
           CASE WHEN coalesce(m.property_hs_meeting_outcome, m.meeting_outcome, '') IN ('CANCELED', 'NO_SHOW', 'RESCHEDULED') THEN NULL
                ELSE coalesce(m.property_hs_meeting_end_time, m.end_time, m.property_hs_timestamp, m.start_time) END AS done_at,
           NULL AS duration_s, coalesce(m.property_hs_meeting_outcome, m.meeting_outcome) AS status,
           coalesce(m.property_hs_meeting_title, m.title) AS subject
    FROM engagement_meeting AS m WHERE NOT coalesce(m._fivetran_deleted, FALSE)
    UNION ALL
    SELECT n.engagement_id AS id, 'note' AS kind, NULL AS direction, n.property_hubspot_owner_id AS owner_id,
           coalesce(n.property_hs_timestamp, n.property_hs_createdate) AS occurred_at, NULL AS due_at, NULL AS done_at,
           NULL AS duration_s, NULL AS status, NULL AS subject
    FROM engagement_note AS n WHERE NOT coalesce(n._fivetran_deleted, FALSE)
    UNION ALL
    SELECT t.engagement_id AS id, 'task' AS kind, NULL AS direction, t.property_hubspot_owner_id AS owner_id,
           coalesce(t.property_hs_createdate, t.property_hs_timestamp) AS occurred_at, t.property_hs_timestamp AS due_at,
           CASE WHEN t.property_hs_task_status = 'COMPLETED' THEN coalesce(t.property_hs_task_completion_date, t.property_hs_createdate) END AS done_at,
           NULL AS duration_s, t.property_hs_task_status AS status, t.property_hs_task_subject AS subject
    FROM engagement_task AS t WHERE NOT coalesce(t._fivetran_deleted, FALSE)
    UNION ALL
    SELECT x.engagement_id AS id, 'chat' AS kind, NULL AS direction, x.property_hubspot_owner_id AS owner_id,
           coalesce(x.property_hs_timestamp, x.property_hs_createdate) AS occurred_at, NULL AS due_at,
           coalesce(x.property_hs_timestamp, x.property_hs_createdate) AS done_at,
           NULL AS duration_s, NULL AS status, NULL AS subject
    FROM engagement_communication AS x WHERE NOT coalesce(x._fivetran_deleted, FALSE)
), companies AS (
    SELECT l.engagement_id AS id, MIN(c.id) AS company_id
    FROM engagement_company AS l
    JOIN company AS c ON c.id = l.company_id AND NOT coalesce(c.is_deleted, FALSE) AND NOT coalesce(c._fivetran_deleted, FALSE)
    GROUP BY l.engagement_id
), persons AS (
    SELECT l.engagement_id AS id, MIN(p.id) AS contact_id, MIN(p.customer_id) AS customer_id
    FROM engagement_contact AS l JOIN people AS p ON p.id = l.contact_id
    GROUP BY l.engagement_id
), concerned AS (
    SELECT l.engagement_id AS id, MIN(d.deal_id) AS deal_id
    FROM engagement_deal AS l JOIN deal AS d ON d.deal_id = l.deal_id
    GROUP BY l.engagement_id
)
SELECT text(e.id) AS interaction_id, e.kind AS kind, e.direction AS direction,
       coalesce(text(company.company_id), person.customer_id) AS customer_id, text(person.contact_id) AS contact_id,
       text(deal.deal_id) AS opportunity_id, text(o.owner_id) AS owner_id, e.occurred_at AS occurred_at, e.due_at AS due_at,
       e.done_at AS done_at, round(e.duration_s) AS duration_s, e.status AS status, e.subject AS subject
FROM engagements AS e
LEFT JOIN companies AS company ON company.id = e.id
LEFT JOIN persons AS person ON person.id = e.id
LEFT JOIN concerned AS deal ON deal.id = e.id
LEFT JOIN owner AS o ON o.owner_id = e.owner_id
WHERE e.occurred_at IS NOT NULL
