SELECT text(t.id) AS id,
       coalesce(t.archived, FALSE) AS is_deleted,
       FALSE AS _fivetran_deleted,
       coalesce(t.properties_createdate, cast(nullif(json_text(t.properties, '$.createdate'), '') AS TIMESTAMP), t.created_at)
           AS property_createdate,
       coalesce(t.properties_closed_date, cast(nullif(json_text(t.properties, '$.closed_date'), '') AS TIMESTAMP))
           AS property_closed_date,
       coalesce(t.properties_first_agent_reply_date, cast(nullif(json_text(t.properties, '$.first_agent_reply_date'), '') AS TIMESTAMP))
           AS property_first_agent_reply_date,
       coalesce(t.properties_hs_lastmodifieddate, cast(nullif(json_text(t.properties, '$.hs_lastmodifieddate'), '') AS TIMESTAMP), t.updated_at)
           AS property_hs_lastmodifieddate,
       nullif(coalesce(t.properties_hs_pipeline, json_text(t.properties, '$.hs_pipeline')), '') AS property_hs_pipeline,
       nullif(coalesce(t.properties_hs_pipeline_stage, json_text(t.properties, '$.hs_pipeline_stage')), '')
           AS property_hs_pipeline_stage,
       nullif(coalesce(t.properties_hs_ticket_category, json_text(t.properties, '$.hs_ticket_category')), '')
           AS property_hs_ticket_category,
       nullif(coalesce(t.properties_hs_ticket_priority, json_text(t.properties, '$.hs_ticket_priority')), '')
           AS property_hs_ticket_priority,
       text(whole(coalesce(t.properties_hubspot_owner_id, json_text(t.properties, '$.hubspot_owner_id'))))
           AS property_hubspot_owner_id,
       nullif(coalesce(t.properties_subject, json_text(t.properties, '$.subject')), '') AS property_subject,
       nullif(coalesce(t.properties_source_type, json_text(t.properties, '$.source_type')), '') AS property_source_type,
       nullif(coalesce(t.properties_hs_merged_object_ids, json_text(t.properties, '$.hs_merged_object_ids')), '')
           AS property_hs_merged_object_ids
FROM tickets AS t
