SELECT text(e.id) AS engagement_id,
       coalesce(e.archived, FALSE) AS _fivetran_deleted,
       coalesce(e.properties_hs_timestamp, cast(nullif(json_text(e.properties, '$.hs_timestamp'), '') AS TIMESTAMP))
           AS property_hs_timestamp,
       coalesce(e.properties_hs_createdate, cast(nullif(json_text(e.properties, '$.hs_createdate'), '') AS TIMESTAMP), e.created_at)
           AS property_hs_createdate,
       text(whole(coalesce(e.properties_hubspot_owner_id, json_text(e.properties, '$.hubspot_owner_id'))))
           AS property_hubspot_owner_id
FROM engagements_notes AS e
