SELECT text(f.canonical_vid) AS contact_id, f.conversion_id AS conversion_id, f.form_id AS form_id,
       CASE WHEN whole(f.timestamp) IS NOT NULL THEN from_epoch(whole(f.timestamp) / 1000.0)
            ELSE cast(f.timestamp AS TIMESTAMP) END AS timestamp
FROM contacts_form_submissions AS f
