-- A row of crm_lead is a lead, a deal, or a lead that became a deal and is both. Lost is archived with probability 0; archived
-- with another probability is put away, not lost. The medium says the channel, unless it is vague and the source says more.
SELECT l.id AS id, l.name AS name, l.type AS type, l.active AS active, l.stage_id AS stage_id, l.partner_id AS partner_id,
       l.user_id AS user_id, l.team_id AS team_id, l.company_id AS company_id, l.lost_reason_id AS lost_reason_id,
       l.expected_revenue AS expected_revenue, l.probability AS probability, l.date_deadline AS date_deadline,
       l.date_open AS date_open, l.date_conversion AS date_conversion, l.create_date AS create_date, l.write_date AS write_date,
       coalesce(l.email_normalized, l.email_from) AS email, l.type = 'opportunity' AS is_deal,
       (l.type = 'lead' AND (l.active OR l.probability = 0)) OR (l.type = 'opportunity' AND l.date_conversion IS NOT NULL) AS is_lead,
       coalesce(l.date_conversion, l.create_date) AS opened_at,
       CASE WHEN coalesce(l.date_closed, l.date_last_stage_update, l.create_date) < coalesce(l.date_conversion, l.create_date)
            THEN coalesce(l.date_conversion, l.create_date)
            ELSE coalesce(l.date_closed, l.date_last_stage_update, l.create_date) END AS ended_at,
       CASE WHEN NOT l.active AND l.probability = 0 THEN 'lost' WHEN NOT l.active THEN 'void' WHEN s.is_won THEN 'won' ELSE 'open' END AS outcome,
       source.name AS source_raw,
       coalesce(CASE WHEN channel(medium.name) NOT IN ('website', 'direct') THEN channel(medium.name) END, channel(source.name),
                channel(medium.name), CASE WHEN coalesce(medium.name, source.name) IS NOT NULL THEN 'other' END) AS channel,
       coalesce(text(l.campaign_id), mailing.campaign) AS campaign
FROM crm_lead AS l
LEFT JOIN crm_stage AS s ON s.id = l.stage_id
LEFT JOIN utm_medium AS medium ON medium.id = l.medium_id
LEFT JOIN utm_source AS source ON source.id = l.source_id
LEFT JOIN mailing_of_source AS mailing ON mailing.source_id = l.source_id
