-- A lead that was converted keeps its row: the deal begins at the conversion. One that was won or lost and reopened keeps
-- `date_closed`, which says nothing then.
SELECT text(d.id) AS opportunity_id, d.name AS name, p.customer_id AS customer_id, p.contact_id AS contact_id,
       CASE WHEN d.is_lead THEN text(d.id) END AS lead_id, text(d.user_id) AS owner_id, text(d.team_id) AS team_id,
       text(d.stage_id) AS stage_id, d.outcome AS outcome, d.expected_revenue AS amount,
       coalesce(currency.name, setting('base_currency')) AS currency, d.probability / 100 AS probability, d.source_raw AS source_raw,
       d.channel AS channel, d.campaign AS campaign_id, d.opened_at AS created_at, d.date_deadline AS expected_close_date,
       CASE WHEN d.outcome <> 'open' THEN d.ended_at END AS closed_at,
       CASE WHEN d.outcome = 'lost' THEN i18n(reason.name) END AS lost_reason, d.write_date AS updated_at
FROM lead_or_deal AS d
LEFT JOIN partner AS p ON p.id = d.partner_id
LEFT JOIN res_company AS company ON company.id = d.company_id
LEFT JOIN res_currency AS currency ON currency.id = company.currency_id
LEFT JOIN crm_lost_reason AS reason ON reason.id = d.lost_reason_id
WHERE d.is_deal
