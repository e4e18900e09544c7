SELECT text(o.id) AS id, text(o.stage) AS stage_id, coalesce(stage_outcome(text(o.stage)), 'open') AS outcome, o."createdAt" AS created_at,
       coalesce(o."updatedAt", o."createdAt") AS modified_at, o."closeDate" AS closing_day
FROM opportunity AS o
WHERE o."deletedAt" IS NULL
