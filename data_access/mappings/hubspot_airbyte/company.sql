SELECT text(c.id) AS id,
       coalesce(c.archived, FALSE) AS is_deleted,
       FALSE AS _fivetran_deleted,
       c.created_at AS _fivetran_synced,
       nullif(coalesce(c.properties_name, json_text(c.properties, '$.name')), '') AS property_name,
       nullif(coalesce(c.properties_domain, json_text(c.properties, '$.domain')), '') AS property_domain,
       coalesce(c.properties_createdate, cast(nullif(json_text(c.properties, '$.createdate'), '') AS TIMESTAMP), c.created_at)
           AS property_createdate,
       coalesce(c.properties_hs_lastmodifieddate, cast(nullif(json_text(c.properties, '$.hs_lastmodifieddate'), '') AS TIMESTAMP), c.updated_at)
           AS property_hs_lastmodifieddate,
       nullif(coalesce(c.properties_industry, json_text(c.properties, '$.industry')), '') AS property_industry,
       nullif(coalesce(c.properties_city, json_text(c.properties, '$.city')), '') AS property_city,
       nullif(coalesce(c.properties_country, json_text(c.properties, '$.country')), '') AS property_country,
       nullif(coalesce(c.properties_phone, json_text(c.properties, '$.phone')), '') AS property_phone,
       number(coalesce(c.properties_numberofemployees, json_text(c.properties, '$.numberofemployees')))
           AS property_numberofemployees,
       text(whole(coalesce(c.properties_hubspot_owner_id, json_text(c.properties, '$.hubspot_owner_id'))))
           AS property_hubspot_owner_id,
       nullif(coalesce(c.properties_lifecyclestage, json_text(c.properties, '$.lifecyclestage')), '')
           AS property_lifecyclestage,
       nullif(coalesce(c.properties_hs_analytics_source, json_text(c.properties, '$.hs_analytics_source')), '')
           AS property_hs_analytics_source,
       text(whole(coalesce(c.properties_hs_parent_company_id, json_text(c.properties, '$.hs_parent_company_id'))))
           AS property_hs_parent_company_id,
       nullif(coalesce(c.properties_type, json_text(c.properties, '$.type')), '') AS property_type
FROM companies AS c
