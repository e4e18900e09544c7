SELECT text(e.id) AS engagement_id,
       coalesce(e.archived, FALSE) AS _fivetran_deleted,
       coalesce(e.properties_hs_timestamp, cast(nullif(json_text(e.properties, '$.hs_timestamp'), '') AS TIMESTAMP))
           AS property_hs_timestamp,
       coalesce(e.properties_hs_createdate, cast(nullif(json_text(e.properties, '$.hs_createdate'), '') AS TIMESTAMP), e.created_at)
           AS property_hs_createdate,
       text(whole(coalesce(e.properties_hubspot_owner_id, json_text(e.properties, '$.hubspot_owner_id'))))
           AS property_hubspot_owner_id,
       nullif(coalesce(e.properties_hs_call_direction, json_text(e.properties, '$.hs_call_direction')), '')
           AS property_hs_call_direction,
       number(coalesce(e.properties_hs_call_duration, json_text(e.properties, '$.hs_call_duration')))
           AS property_hs_call_duration,
       nullif(coalesce(e.properties_hs_call_title, json_text(e.properties, '$.hs_call_title')), '') AS property_hs_call_title,
       nullif(coalesce(e.properties_hs_call_status, json_text(e.properties, '$.hs_call_status')), '')
           AS property_hs_call_status
FROM engagements_calls AS e
