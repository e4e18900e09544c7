-- The first company's; its zone is on its own address record, and many never write it there: UTC then.
SELECT currency.name AS base_currency, coalesce(partner.tz, 'UTC') AS timezone,
       CASE WHEN company.fiscalyear_last_month = '12' THEN 1 ELSE whole(company.fiscalyear_last_month) + 1 END AS fiscal_year_start_month,
       whole(speech.week_start) AS week_start
FROM res_company AS company
JOIN res_currency AS currency ON currency.id = company.currency_id
LEFT JOIN res_partner AS partner ON partner.id = company.partner_id
LEFT JOIN res_lang AS speech ON speech.code = partner.lang
WHERE company.id = (SELECT MIN(id) FROM res_company)
