-- The one that stays names those that were merged into it, one after the other, with semicolons between them.
SELECT text(s.id) AS canonical_vid, json_text(item.value, '$') AS vid_to_merge
FROM (SELECT m.id, nullif(coalesce(m.properties_hs_merged_object_ids, json_text(m.properties, '$.hs_merged_object_ids')), '') AS others
      FROM contacts AS m) AS s
CROSS JOIN json_rows(concat('["', replace(s.others, ';', '","'), '"]')) AS item
WHERE s.others IS NOT NULL
UNION ALL
SELECT text(a.canonical_vid), text(a.vid_to_merge)
FROM contacts_merged_audit AS a
WHERE a.vid_to_merge IS NOT NULL AND (a.canonical_vid IS NULL OR a.canonical_vid <> a.vid_to_merge)
