-- Mails that were opened, links that were followed, leads that came in, registrations for events.
WITH mail AS (
  SELECT t.id, t.open_datetime AS opened_at, t.links_click_datetime AS clicked_at, t.campaign, t.channel, t.partner_id, t.deal_id, t.lead_id
  FROM send AS t
  WHERE t.open_datetime IS NOT NULL OR t.links_click_datetime IS NOT NULL
),
touch AS (
  SELECT concat('open-', text(id)) AS id, partner_id, lead_id, deal_id, campaign AS campaign_id, channel, 'email' AS kind, opened_at AS at
  FROM mail WHERE opened_at IS NOT NULL
  UNION ALL
  SELECT concat('click-', text(c.id)), mail.partner_id, mail.lead_id, mail.deal_id, mail.campaign, mail.channel, 'click', c.create_date
  FROM link_tracker_click AS c JOIN mail ON mail.id = c.mailing_trace_id
  UNION ALL
  SELECT concat('clicked-', text(id)), partner_id, lead_id, deal_id, campaign, channel, 'click', clicked_at
  FROM mail WHERE clicked_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM link_tracker_click AS c WHERE c.mailing_trace_id = mail.id)
  UNION ALL
  SELECT concat('lead-', text(l.id)), l.partner_id,
         CASE WHEN l.is_lead THEN l.id END, CASE WHEN l.is_deal THEN l.id END, l.campaign, coalesce(l.channel, 'other'),
         CASE WHEN l.channel = 'phone' THEN 'call' ELSE 'form' END, l.create_date
  FROM lead_or_deal AS l
  WHERE (l.is_lead OR l.is_deal) AND coalesce(l.channel, l.campaign) IS NOT NULL
  UNION ALL
  SELECT concat('event-', text(r.id)), r.partner_id, NULL, NULL, text(r.utm_campaign_id), 'event', 'event', r.create_date
  FROM event_registration AS r WHERE r.state <> 'cancel' AND coalesce(r.active, TRUE)
)
SELECT touch.id AS touchpoint_id, p.customer_id AS customer_id, p.contact_id AS contact_id,
       text(touch.lead_id) AS lead_id, text(touch.deal_id) AS opportunity_id, touch.campaign_id AS campaign_id,
       touch.channel AS channel, touch.kind AS kind, touch.at AS occurred_at
FROM touch
LEFT JOIN partner AS p ON p.id = touch.partner_id
