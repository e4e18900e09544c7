-- One row per customer, with the country of the latest invoice: a few customers moved. The file knows no names.
WITH invoices AS (
    SELECT
        key(CustomerID) AS customer,
        trim(Country) AS country,
        _file,
        _row,
        row_number() OVER (PARTITION BY key(CustomerID) ORDER BY _file DESC, _row DESC) AS place
    FROM lines
)
SELECT
    customer AS customer_id,
    concat('Customer ', customer) AS name,
    mapped(country, 'country') AS country,
    country AS region,
    _file,
    _row
FROM invoices
WHERE place = 1
