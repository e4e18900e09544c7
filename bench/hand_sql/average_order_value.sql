-- Average order value.

-- name: total
select cut, sum(y) / nullif(sum(x), 0) as value, sum(x) as n, count(*) as customers, sum(y) as y, sum(y * y) as yy,
    sum(x * y) as xy, sum(x * x) as xx,
    (select count_if(net_base is null and fx_to_base is null and currency <> 'EUR') from orders
        where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
            and ordered_at >= timestamp '2025-12-31 23:00:00' and ordered_at < timestamp '2026-03-31 22:00:00') as unpriced,
    {target(average_order_value)} as target
from (
    select {cut(ordered_at)} as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        sum({revenue})::double as y,
        count_if(document <> 'credit_note') as x
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and (net_base is not null or fx_to_base is not null or currency = 'EUR')
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and {spans(ordered_at)}
    group by all
)
group by cut

-- name: trend
select {months(ordered_at)} as period,
    sum({revenue})::double
        / nullif(count_if(document <> 'credit_note'), 0) as value,
    count_if(document <> 'credit_note') as n
from orders
where status in ('confirmed', 'partly_refunded') and not is_test and (net_base is not null or fx_to_base is not null or currency = 'EUR')
        and orders.customer_id not in (select customer_id from customers where is_own_company)
    and ordered_at >= timestamp '2025-05-31 22:00:00' and ordered_at < timestamp '2026-05-31 22:00:00'
group by period order by period

-- name: by region
select cut, region as "group", sum(y) / nullif(sum(x), 0) as value, sum(x) as n, count(*) as customers, sum(y) as y,
    sum(y * y) as yy, sum(x * y) as xy, sum(x * x) as xx
from (
    select case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        sum({revenue})::double as y,
        count_if(document <> 'credit_note') as x
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and (net_base is not null or fx_to_base is not null or currency = 'EUR')
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
    group by all
) left join customers on customers.customer_id = customer
group by all order by all
