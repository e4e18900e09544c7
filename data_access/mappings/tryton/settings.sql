SELECT currency.code AS base_currency, coalesce(company.timezone, 'UTC') AS timezone,
       whole(substring(text((SELECT max(y.start_date) FROM account_fiscalyear AS y WHERE y.company = company.id)), 6, 2)) AS fiscal_year_start_month
FROM company_company AS company
JOIN currency_currency AS currency ON currency.id = company.currency
WHERE company.id = (SELECT min(id) FROM company_company)
