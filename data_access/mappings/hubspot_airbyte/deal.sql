-- A property is a column of its own, or lies in the JSON of them all. The stream of deals does not tell that a deal was archived
-- later: the stream of archived ones does.
SELECT text(d.id) AS deal_id,
       coalesce(d.archived, FALSE)
           OR (gone.id IS NOT NULL AND coalesce(gone.archived_at >= d.updated_at, TRUE))
           AS is_deleted,
       FALSE AS _fivetran_deleted,
       nullif(coalesce(d.properties_pipeline, json_text(d.properties, '$.pipeline')), '') AS deal_pipeline_id,
       nullif(coalesce(d.properties_dealstage, json_text(d.properties, '$.dealstage')), '') AS deal_pipeline_stage_id,
       text(whole(coalesce(d.properties_hubspot_owner_id, json_text(d.properties, '$.hubspot_owner_id')))) AS owner_id,
       nullif(coalesce(d.properties_dealname, json_text(d.properties, '$.dealname')), '') AS property_dealname,
       money(coalesce(d.properties_amount, json_text(d.properties, '$.amount'))) AS property_amount,
       money(coalesce(d.properties_amount_in_home_currency, json_text(d.properties, '$.amount_in_home_currency')))
           AS property_amount_in_home_currency,
       nullif(coalesce(d.properties_deal_currency_code, json_text(d.properties, '$.deal_currency_code')), '')
           AS property_deal_currency_code,
       coalesce(d.properties_closedate, cast(nullif(json_text(d.properties, '$.closedate'), '') AS TIMESTAMP))
           AS property_closedate,
       coalesce(d.properties_createdate, cast(nullif(json_text(d.properties, '$.createdate'), '') AS TIMESTAMP), d.created_at)
           AS property_createdate,
       coalesce(d.properties_hs_lastmodifieddate, cast(nullif(json_text(d.properties, '$.hs_lastmodifieddate'), '') AS TIMESTAMP), d.updated_at)
           AS property_hs_lastmodifieddate,
       nullif(coalesce(d.properties_dealtype, json_text(d.properties, '$.dealtype')), '') AS property_dealtype,
       nullif(coalesce(d.properties_hs_analytics_source, json_text(d.properties, '$.hs_analytics_source')), '')
           AS property_hs_analytics_source,
       nullif(coalesce(d.properties_closed_lost_reason, json_text(d.properties, '$.closed_lost_reason')), '')
           AS property_closed_lost_reason,
       number(coalesce(d.properties_hs_deal_stage_probability, json_text(d.properties, '$.hs_deal_stage_probability')))
           AS property_hs_deal_stage_probability
FROM airbyte_deals AS d
LEFT JOIN (SELECT text(a.id) AS id, max(a.archived_at) AS archived_at FROM deals_archived AS a GROUP BY text(a.id)) AS gone ON gone.id = text(d.id)
