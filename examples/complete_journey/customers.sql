-- Every household that bought; a third of them filled in the questionnaire.
SELECT
    key(t.household_id) AS customer_id,
    concat('Household ', key(t.household_id)) AS name,
    'person' AS kind,
    'US' AS country,
    max(d.household_comp) AS segment,
    max(d.household_size) AS size_band,
    max(d.age) AS x_age,
    max(d.income) AS x_income,
    max(d.home_ownership) AS x_home
FROM transactions AS t
LEFT JOIN demographics AS d ON d.household_id = t.household_id
GROUP BY t.household_id
