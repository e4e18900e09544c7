-- The first answer is the first public comment of an agent after the ticket came in: what an agent writes when opening one
-- for somebody is none. Deleted tickets and those merged into another one are void.
WITH answers AS (
    SELECT c.ticket_id AS ticket_id, MIN(c.created) AS first_at, COUNT(*) AS replies
    FROM ticket_comment AS c
    JOIN ticket AS t ON t.id = c.ticket_id
    JOIN agents AS writer ON writer.id = c.user_id
    WHERE c.public AND c.created > t.created_at AND c.user_id <> t.requester_id AND NOT coalesce(c._fivetran_deleted, FALSE)
    GROUP BY c.ticket_id
), ends AS (
    SELECT s.ticket_id AS ticket_id,
           MAX(CASE WHEN s.status IN ('resolved', 'closed') AND coalesce(s.status_before, 'open') NOT IN ('resolved', 'closed') THEN s.at END) AS resolved_at,
           MAX(CASE WHEN s.status = 'closed' THEN s.at END) AS closed_at,
           SUM(CASE WHEN s.status IN ('open', 'pending') AND s.status_before IN ('resolved', 'closed') THEN 1 ELSE 0 END) AS reopened
    FROM steps AS s
    GROUP BY s.ticket_id
), rated AS (
    SELECT h.ticket_id AS ticket_id, mapped(h.value, 'satisfaction') AS score,
           row_number() OVER (PARTITION BY h.ticket_id ORDER BY h.updated DESC) AS place
    FROM ticket_field_history AS h
    WHERE h.field_name = 'satisfaction_score' AND h.value IN ('good', 'bad')
), absorbed AS (
    SELECT DISTINCT text(item.value) AS ticket_id
    FROM ticket AS t CROSS JOIN json_rows(nullif(t.merged_ticket_ids, '')) AS item
    WHERE t.merged_ticket_ids <> '[]'
    UNION
    SELECT text(g.ticket_id) AS ticket_id FROM ticket_tag AS g WHERE g.tag = 'closed_by_merge'
), complaints AS (
    SELECT g.ticket_id AS ticket_id, COUNT(*) AS n FROM ticket_tag AS g WHERE mapped(g.tag, 'complaint') = 'yes' GROUP BY g.ticket_id
)
SELECT text(t.id) AS ticket_id, coalesce(CASE WHEN o.id IS NOT NULL THEN concat('organization:', text(o.id)) END, p.customer_id) AS customer_id,
       text(p.id) AS contact_id, t.subject AS subject, t.type AS category,
       complaint.n IS NOT NULL OR mapped(t.type, 'complaint') IS NOT NULL AS is_complaint,
       channel(coalesce(t.via_channel, '')) AS channel, t.priority AS priority, coalesce(t.status, 'unknown') AS status_raw,
       CASE WHEN gone.ticket_id IS NOT NULL OR coalesce(t._fivetran_deleted, FALSE) THEN 'void'
            ELSE mapped(coalesce(t.status, 'open'), 'status') END AS status,
       t.created_at AS opened_at, answer.first_at AS first_response_at,
       CASE WHEN t.status IN ('solved', 'closed') THEN coalesce(e.resolved_at, t.updated_at) END AS resolved_at,
       CASE WHEN t.status = 'closed' THEN coalesce(e.closed_at, t.updated_at) END AS closed_at,
       coalesce(e.reopened, 0) AS reopened_count, coalesce(answer.replies, 0) AS replies, text(agent.id) AS owner_id,
       text(team.id) AS team_id, CAST(nullif(t.due_at, '') AS TIMESTAMP) AS sla_due_at, number(rating.score) AS satisfaction,
       t.updated_at AS updated_at
FROM ticket AS t
LEFT JOIN people AS p ON p.id = t.requester_id
LEFT JOIN organization AS o ON o.id = t.organization_id AND NOT coalesce(o._fivetran_deleted, FALSE)
LEFT JOIN agents AS agent ON agent.id = t.assignee_id
LEFT JOIN "group" AS team ON team.id = t.group_id
LEFT JOIN answers AS answer ON answer.ticket_id = t.id
LEFT JOIN ends AS e ON e.ticket_id = t.id
LEFT JOIN rated AS rating ON rating.ticket_id = t.id AND rating.place = 1
LEFT JOIN absorbed AS gone ON gone.ticket_id = text(t.id)
LEFT JOIN complaints AS complaint ON complaint.ticket_id = t.id
