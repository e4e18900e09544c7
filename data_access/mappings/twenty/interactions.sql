-- Tasks, notes, e-mails and meetings, each with one of those whom it is about; what is not done is there since it was entered.
WITH task_of AS (
    SELECT text(t."taskId") AS id, min(text(t."personId")) AS person, min(text(t."companyId")) AS company, min(text(t."opportunityId")) AS deal
    FROM "taskTarget" AS t WHERE t."deletedAt" IS NULL GROUP BY text(t."taskId")
),
note_of AS (
    SELECT text(t."noteId") AS id, min(text(t."personId")) AS person, min(text(t."companyId")) AS company, min(text(t."opportunityId")) AS deal
    FROM "noteTarget" AS t WHERE t."deletedAt" IS NULL GROUP BY text(t."noteId")
),
mail_of AS (
    SELECT text(t."messageId") AS id, min(text(t."personId")) AS person, min(text(t."workspaceMemberId")) AS member
    FROM "messageParticipant" AS t WHERE t."deletedAt" IS NULL GROUP BY text(t."messageId")
),
sent AS (
    SELECT text(a."messageId") AS id, min(text(a.direction)) AS direction
    FROM "messageChannelMessageAssociation" AS a WHERE a."deletedAt" IS NULL GROUP BY text(a."messageId")
),
meeting_of AS (
    SELECT text(t."calendarEventId") AS id, min(text(t."personId")) AS person, min(text(t."workspaceMemberId")) AS member
    FROM "calendarEventParticipant" AS t WHERE t."deletedAt" IS NULL GROUP BY text(t."calendarEventId")
),
done AS (
    SELECT concat('task:', text(t.id)) AS id, 'task' AS kind, NULL AS direction, k.person AS person, k.company AS company, k.deal AS deal,
           text(t."assigneeId") AS member, CASE WHEN text(t.status) = 'DONE' THEN t."updatedAt" ELSE t."createdAt" END AS at,
           t."dueAt" AS due_at, CASE WHEN text(t.status) = 'DONE' THEN 1 ELSE 0 END AS is_done, text(t.status) AS status, t.title AS subject
    FROM task AS t
    LEFT JOIN task_of AS k ON k.id = text(t.id)
    WHERE t."deletedAt" IS NULL
    UNION ALL
    SELECT concat('note:', text(n.id)), 'note', NULL, k.person, k.company, k.deal, NULL, n."createdAt", NULL, 1, NULL, n.title
    FROM note AS n
    LEFT JOIN note_of AS k ON k.id = text(n.id)
    WHERE n."deletedAt" IS NULL
    UNION ALL
    SELECT concat('mail:', text(m.id)), 'email', s.direction, k.person, NULL, NULL, k.member, m."receivedAt", NULL, 1, NULL, m.subject
    FROM message AS m
    JOIN mail_of AS k ON k.id = text(m.id)
    LEFT JOIN sent AS s ON s.id = text(m.id)
    WHERE m."deletedAt" IS NULL AND k.person IS NOT NULL
    UNION ALL
    SELECT concat('meeting:', text(e.id)), 'meeting', NULL, k.person, NULL, NULL, k.member, e."startsAt", e."startsAt", 1, NULL, e.title
    FROM "calendarEvent" AS e
    JOIN meeting_of AS k ON k.id = text(e.id)
    WHERE e."deletedAt" IS NULL AND NOT coalesce(e."isCanceled", FALSE) AND k.person IS NOT NULL
)
SELECT e.id AS interaction_id, e.kind AS kind, mapped(e.direction, 'direction') AS direction,
       coalesce(c.id, p.customer_id) AS customer_id, p.id AS contact_id, d.id AS opportunity_id, text(m.id) AS owner_id,
       e.at AS occurred_at, e.due_at AS due_at, CASE WHEN e.is_done = 1 THEN e.at END AS done_at, e.status AS status, e.subject AS subject
FROM done AS e
LEFT JOIN deals AS d ON d.id = e.deal
LEFT JOIN opportunity AS o ON text(o.id) = d.id
LEFT JOIN companies AS c ON c.id = coalesce(e.company, text(o."companyId"))
LEFT JOIN people AS p ON p.id = coalesce(e.person, text(o."pointOfContactId"))
LEFT JOIN "workspaceMember" AS m ON text(m.id) = e.member
WHERE e.at IS NOT NULL
