-- Contacts that were merged into another one: told by the log of merges, or by the one that stays, which names them with
-- semicolons between them (7;8), and with the moment of the merge behind each (7:1700000000000;8:1700000000000).
SELECT a.vid_to_merge AS vid_to_merge
FROM contact_merge_audit AS a
WHERE a.vid_to_merge IS NOT NULL
UNION
SELECT whole(json_text(item.value, '$[0]')) AS vid_to_merge
FROM (SELECT c.id AS id, nullif(coalesce(c.property_hs_calculated_merged_vids, c.property_hs_merged_object_ids), '') AS others
      FROM contact AS c) AS s
CROSS JOIN json_rows(concat('[["', replace(replace(s.others, ':', '","'), ';', '"],["'), '"]]')) AS item
WHERE s.others IS NOT NULL AND whole(json_text(item.value, '$[0]')) <> s.id
