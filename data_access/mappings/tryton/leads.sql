-- Every opportunity begins as a lead, in the same row; one that was given up before it became an opportunity is disqualified.
WITH became AS (SELECT id, min(at) AS at FROM change WHERE state IN ('opportunity', 'converted', 'won') GROUP BY id)
SELECT text(o.id) AS lead_id, text(o.party) AS customer_id, coalesce(o.description, o.number) AS name, medium.name AS source_raw,
       coalesce(channel(medium.name), channel(source.name), CASE WHEN coalesce(medium.name, source.name) IS NOT NULL THEN 'other' END) AS channel,
       text(o.marketing_campaign) AS campaign_id, text(o.employee) AS owner_id, o.state AS status_raw,
       CASE WHEN became.at IS NOT NULL AND o.state <> 'lead' OR o.state IN ('opportunity', 'converted', 'won') THEN 'converted'
            WHEN o.state IN ('lost', 'cancelled') THEN 'disqualified' WHEN o.employee IS NULL THEN 'new' ELSE 'working' END AS status,
       d.began_at AS created_at,
       CASE WHEN o.state = 'lead' THEN NULL WHEN d.is_brought_in = 1 THEN CASE WHEN o.state = 'won' OR became.at IS NOT NULL THEN d.closed_at END
            WHEN became.at IS NOT NULL THEN became.at
            WHEN o.state IN ('opportunity', 'converted', 'won') THEN coalesce(o.write_date, o.create_date) END AS converted_at,
       CASE WHEN became.at IS NOT NULL AND o.state <> 'lead' OR o.state IN ('opportunity', 'converted', 'won') THEN text(o.id) END AS converted_opportunity_id,
       CASE WHEN o.state = 'lost' AND became.at IS NULL THEN o.lost_reason END AS lost_reason, o.write_date AS updated_at
FROM sale_opportunity AS o
JOIN deal AS d ON d.id = o.id
LEFT JOIN marketing_medium AS medium ON medium.id = o.marketing_medium
LEFT JOIN marketing_source AS source ON source.id = o.marketing_source
LEFT JOIN became ON became.id = o.id
