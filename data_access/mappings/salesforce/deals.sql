-- One row per deal: the present version where history mode keeps several. A deal of which no version is active was
-- deleted for good. The outcome is told by the two flags, never by the name of the stage.
SELECT o.id AS id, o.name AS name, o.account_id AS account_id, o.contact_id AS contact_id, o.owner_id AS owner_id,
       o.campaign_id AS campaign_id, o.stage_name AS stage_name, o.amount AS amount, o.currency_iso_code AS currency,
       o.probability AS probability, o.lead_source AS lead_source, o.type AS type, o.lost_reason AS lost_reason,
       o.created_date AS created_date, o.close_date AS close_date, o.last_modified_date AS last_modified_date,
       CASE WHEN o.is_won THEN 'won' WHEN o.is_closed THEN 'lost' ELSE 'open' END AS outcome,
       coalesce(o.is_deleted, FALSE) OR NOT coalesce(o._fivetran_active, TRUE) AS is_deleted,
       -- When it closed, if no log says so: the last change of stage, else the close date, not before the deal was
       -- opened nor after it was last written.
       CASE WHEN NOT coalesce(o.is_closed, FALSE) THEN NULL
            WHEN o.last_stage_change_date >= o.created_date THEN o.last_stage_change_date
            WHEN to_utc(o.close_date, setting('timezone')) > o.last_modified_date THEN o.last_modified_date
            WHEN to_utc(o.close_date, setting('timezone')) > o.created_date THEN to_utc(o.close_date, setting('timezone'))
            ELSE o.created_date END AS closed_about
FROM opportunity AS o
WHERE coalesce(o._fivetran_active, TRUE)
   OR NOT EXISTS (SELECT 1 FROM opportunity AS later WHERE later.id = o.id
                  AND (later._fivetran_active OR later._fivetran_start > o._fivetran_start))
