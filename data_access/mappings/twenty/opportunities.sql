-- Amounts are millionths of their currency. `closeDate` is a forecast that people edit.
WITH closings AS (
    SELECT s.deal, max(CASE WHEN s.outcome_before IS NULL OR s.outcome_before <> s.outcome THEN s.at END) AS at
    FROM stays AS s
    GROUP BY s.deal
)
SELECT d.id AS opportunity_id, coalesce(nullif(trim(o.name), ''), d.id) AS name,
       coalesce(c.id, CASE WHEN p.alone IS NOT NULL THEN concat('contact:', p.id) END) AS customer_id, p.id AS contact_id,
       text(coalesce(m.id, keeper.id)) AS owner_id, 'sales' AS pipeline_id, d.stage_id AS stage_id, d.outcome AS outcome,
       o."amountAmountMicros" / 1000000.0 AS amount,
       CASE WHEN o."amountAmountMicros" IS NOT NULL THEN coalesce(nullif(o."amountCurrencyCode", ''), setting('base_currency')) END AS currency,
       d.created_at AS created_at, day(o."closeDate") AS expected_close_date, CASE WHEN d.outcome <> 'open' THEN x.at END AS closed_at,
       d.modified_at AS updated_at
FROM deals AS d
JOIN opportunity AS o ON text(o.id) = d.id
LEFT JOIN closings AS x ON x.deal = d.id
LEFT JOIN companies AS c ON c.id = text(o."companyId")
LEFT JOIN company AS kept ON text(kept.id) = c.id
LEFT JOIN people AS p ON p.id = text(o."pointOfContactId")
LEFT JOIN "workspaceMember" AS m ON text(m.id) = o."ownerId"
LEFT JOIN "workspaceMember" AS keeper ON keeper.id = kept."accountOwnerId"
