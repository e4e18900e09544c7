SELECT a.vid_to_merge AS vid_to_merge FROM contact_merge_audit AS a WHERE a.vid_to_merge IS NOT NULL
