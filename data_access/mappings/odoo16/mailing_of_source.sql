-- Every mailing has a UTM source of its own, which says where a lead or order came from when it names no campaign.
SELECT source_id, min(coalesce(text(campaign_id), concat('mailing-', text(id)))) AS campaign
FROM mailing_mailing WHERE state IN ('sending', 'done') GROUP BY source_id
