SELECT text(e.id) AS engagement_id,
       coalesce(e.archived, FALSE) AS _fivetran_deleted,
       coalesce(e.properties_hs_timestamp, cast(nullif(json_text(e.properties, '$.hs_timestamp'), '') AS TIMESTAMP))
           AS property_hs_timestamp,
       coalesce(e.properties_hs_createdate, cast(nullif(json_text(e.properties, '$.hs_createdate'), '') AS TIMESTAMP), e.created_at)
           AS property_hs_createdate,
       text(whole(coalesce(e.properties_hubspot_owner_id, json_text(e.properties, '$.hubspot_owner_id'))))
           AS property_hubspot_owner_id,
       nullif(coalesce(e.properties_hs_meeting_title, json_text(e.properties, '$.hs_meeting_title')), '')
           AS property_hs_meeting_title,
       nullif(coalesce(e.properties_hs_meeting_outcome, json_text(e.properties, '$.hs_meeting_outcome')), '')
           AS property_hs_meeting_outcome,
       coalesce(e.properties_hs_meeting_end_time, cast(nullif(json_text(e.properties, '$.hs_meeting_end_time'), '') AS TIMESTAMP))
           AS property_hs_meeting_end_time,
       coalesce(e.properties_hs_meeting_start_time, cast(nullif(json_text(e.properties, '$.hs_meeting_start_time'), '') AS TIMESTAMP))
           AS start_time,
       cast(NULL AS TIMESTAMP) AS end_time,
       cast(NULL AS VARCHAR) AS title,
       cast(NULL AS VARCHAR) AS meeting_outcome
FROM engagements_meetings AS e
