-- One row per article. Staff wrote remarks such as "damaged" into the description, so the description that stands in
-- most lines names the article. Codes without a five-digit number are postage, fees, discounts and corrections.
WITH texts AS (
    SELECT upper(trim(StockCode)) AS code, trim(Description) AS description, count(*) AS n, min(_row) AS first_row
    FROM lines
    WHERE trim(StockCode) <> ''
    GROUP BY upper(trim(StockCode)), trim(Description)
),
ranked AS (
    SELECT
        code,
        description,
        first_row AS _row,
        row_number() OVER (
            PARTITION BY code
            ORDER BY CASE WHEN description <> '' THEN 0 ELSE 1 END, n DESC, description
        ) AS place
    FROM texts
)
SELECT
    code AS product_id,
    code AS sku,
    coalesce(description, code) AS name,
    CASE WHEN left(code, 1) BETWEEN '0' AND '9' THEN FALSE ELSE TRUE END AS is_service,
    _row
FROM ranked
WHERE place = 1
