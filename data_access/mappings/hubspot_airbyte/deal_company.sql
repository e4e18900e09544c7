-- The primary company is a property of the deal; where that is not synced, it is the one that the list names twice.
WITH listed AS (
    SELECT text(d.id) AS deal_id, json_text(item.value, '$') AS company_id, count(*) AS times,
           max(text(whole(coalesce(d.properties_hs_primary_associated_company, json_text(d.properties, '$.hs_primary_associated_company'))))) AS main
    FROM airbyte_deals AS d
    CROSS JOIN json_rows(d.companies) AS item
    GROUP BY text(d.id), json_text(item.value, '$')
)
SELECT l.deal_id AS deal_id, l.company_id AS company_id,
       CASE WHEN l.company_id = l.main OR (l.main IS NULL AND l.times > 1) THEN 5 ELSE 341 END AS type_id
FROM listed AS l
