-- What is logged of an opportunity: versions hold the changes that people saved, labels in the timeline the statuses that
-- quotations and orders set past the versions.
SELECT v.docname AS deal, v.creation AS logged_on, v.name AS tie, v.owner AS who, 1 AS is_version, json_text(item.value, '$[0]') AS field,
       nullif(trim(json_text(item.value, '$[1]')), '') AS was, nullif(trim(json_text(item.value, '$[2]')), '') AS becomes
FROM "Version" AS v
CROSS JOIN json_rows(json_text(v.data, '$.changed')) AS item
WHERE v.ref_doctype = 'Opportunity' AND (v.data LIKE '%"status"%' OR v.data LIKE '%"sales_stage"%')
  AND json_text(item.value, '$[0]') IN ('status', 'sales_stage')
UNION ALL
SELECT c.reference_name, c.creation, c.name, c.owner, 0, 'status', NULL, mapped(c.content, 'status_word')
FROM "Comment" AS c
WHERE c.reference_doctype = 'Opportunity' AND c.comment_type = 'Label' AND mapped(c.content, 'status_word') IS NOT NULL
