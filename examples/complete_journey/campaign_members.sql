-- Who received a campaign, from its first day. Converted means: redeemed one of its coupons. Nobody was held out on
-- record, so `is_control` stays unknown.
WITH redeemed AS (
    SELECT household_id, campaign_id, min(redemption_date) AS first_day
    FROM coupon_redemptions
    GROUP BY household_id, campaign_id
)
SELECT
    key(c.campaign_id) AS campaign_id,
    key(c.household_id) AS member_key,
    key(c.household_id) AS customer_id,
    day(d.start_date) AS first_sent_at,
    day(d.start_date) AS sent_at,
    day(r.first_day) AS converted_at,
    c._file,
    c._row
FROM campaigns AS c
JOIN campaign_descriptions AS d ON d.campaign_id = c.campaign_id
LEFT JOIN redeemed AS r ON r.household_id = c.household_id AND r.campaign_id = c.campaign_id
