-- One row per line. The file numbers no lines, so a line is known by its invoice and its place in it.
SELECT
    concat(InvoiceNo, '-', text(row_number() OVER (PARTITION BY InvoiceNo ORDER BY _file, _row))) AS order_item_id,
    InvoiceNo AS order_id,
    upper(trim(StockCode)) AS product_id,
    trim(Description) AS description,
    whole(Quantity) AS quantity,
    money(UnitPrice) AS unit_price,
    whole(Quantity) * money(UnitPrice) AS net,
    _file,
    _row
FROM lines
