-- Moments are milliseconds since 1970, or written out, as the connector's version has it.
SELECT text(h.deal_id) AS deal_id, coalesce(h.property, h.name) AS name, h.value AS value,
       CASE WHEN whole(h.timestamp) IS NOT NULL THEN from_epoch(whole(h.timestamp) / 1000.0)
            ELSE cast(h.timestamp AS TIMESTAMP) END AS timestamp,
       key(h.source_id) AS source_id
FROM deals_property_history AS h
WHERE h.timestamp <> ''
