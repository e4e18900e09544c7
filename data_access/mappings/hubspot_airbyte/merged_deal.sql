-- The one that stays names those that were merged into it, one after the other, with semicolons between them.
SELECT text(s.id) AS deal_id, json_text(item.value, '$') AS merged_deal_id
FROM (SELECT m.id, nullif(coalesce(m.properties_hs_merged_object_ids, json_text(m.properties, '$.hs_merged_object_ids')), '') AS others
      FROM airbyte_deals AS m) AS s
CROSS JOIN json_rows(concat('["', replace(s.others, ';', '","'), '"]')) AS item
WHERE s.others IS NOT NULL
