-- The company of a contact is its property, else the first of the list.
SELECT text(c.id) AS id,
       coalesce(c.archived, FALSE) AS is_deleted,
       FALSE AS _fivetran_deleted,
       c.created_at AS _fivetran_synced,
       nullif(coalesce(c.properties_email, json_text(c.properties, '$.email')), '') AS property_email,
       nullif(coalesce(c.properties_firstname, json_text(c.properties, '$.firstname')), '') AS property_firstname,
       nullif(coalesce(c.properties_lastname, json_text(c.properties, '$.lastname')), '') AS property_lastname,
       nullif(coalesce(c.properties_phone, json_text(c.properties, '$.phone')), '') AS property_phone,
       nullif(coalesce(c.properties_jobtitle, json_text(c.properties, '$.jobtitle')), '') AS property_jobtitle,
       coalesce(c.properties_createdate, cast(nullif(json_text(c.properties, '$.createdate'), '') AS TIMESTAMP))
           AS property_createdate,
       c.created_at AS property_created_at,
       coalesce(c.properties_lastmodifieddate, cast(nullif(json_text(c.properties, '$.lastmodifieddate'), '') AS TIMESTAMP), c.updated_at)
           AS property_lastmodifieddate,
       coalesce(text(whole(coalesce(c.properties_associatedcompanyid, json_text(c.properties, '$.associatedcompanyid')))), key(json_text(c.companies, '$[0]')))
           AS property_associatedcompanyid,
       text(whole(coalesce(c.properties_hubspot_owner_id, json_text(c.properties, '$.hubspot_owner_id'))))
           AS property_hubspot_owner_id,
       nullif(coalesce(c.properties_lifecyclestage, json_text(c.properties, '$.lifecyclestage')), '')
           AS property_lifecyclestage,
       nullif(coalesce(c.properties_hs_lead_status, json_text(c.properties, '$.hs_lead_status')), '')
           AS property_hs_lead_status,
       nullif(coalesce(c.properties_hs_analytics_source, json_text(c.properties, '$.hs_analytics_source')), '')
           AS property_hs_analytics_source,
       bool(coalesce(c.properties_hs_email_optout, json_text(c.properties, '$.hs_email_optout'))) AS property_hs_email_optout,
       nullif(coalesce(c.properties_country, json_text(c.properties, '$.country')), '') AS property_country,
       nullif(coalesce(c.properties_city, json_text(c.properties, '$.city')), '') AS property_city,
       coalesce(c.properties_hs_lifecyclestage_marketingqualifiedlead_date, cast(nullif(json_text(c.properties, '$.hs_lifecyclestage_marketingqualifiedlead_date'), '') AS TIMESTAMP))
           AS property_hs_lifecyclestage_marketingqualifiedlead_date,
       coalesce(c.properties_hs_lifecyclestage_salesqualifiedlead_date, cast(nullif(json_text(c.properties, '$.hs_lifecyclestage_salesqualifiedlead_date'), '') AS TIMESTAMP))
           AS property_hs_lifecyclestage_salesqualifiedlead_date,
       coalesce(c.properties_hs_lifecyclestage_opportunity_date, cast(nullif(json_text(c.properties, '$.hs_lifecyclestage_opportunity_date'), '') AS TIMESTAMP))
           AS property_hs_lifecyclestage_opportunity_date,
       coalesce(c.properties_hs_lifecyclestage_customer_date, cast(nullif(json_text(c.properties, '$.hs_lifecyclestage_customer_date'), '') AS TIMESTAMP))
           AS property_hs_lifecyclestage_customer_date,
       coalesce(c.properties_hs_sa_first_engagement_date, cast(nullif(json_text(c.properties, '$.hs_sa_first_engagement_date'), '') AS TIMESTAMP))
           AS property_hs_sa_first_engagement_date
FROM contacts AS c
