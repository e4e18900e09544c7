-- Revenue.

-- name: total
select cut, sum(revenue) as value, sum(orders) as n, sum(revenue * revenue) as squares, count(*) as customers,
    sum(unpriced) as unpriced,
    {target(revenue)} as target
from (
    select {cut(ordered_at)} as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        coalesce(sum({revenue}), 0)::double as revenue,
        count_if(document <> 'credit_note') as orders, count_if(net_base is null and fx_to_base is null and currency <> 'EUR') as unpriced
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and {spans(ordered_at)}
    group by all
)
group by cut

-- name: trend
select {months(ordered_at)} as period,
    sum({revenue})::double as value,
    count_if(document <> 'credit_note') as n
from orders
where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
    and ordered_at >= timestamp '2025-05-31 22:00:00' and ordered_at < timestamp '2026-05-31 22:00:00'
group by period order by period

-- name: by region
select cut, region as "group", sum(revenue) as value, sum(orders) as n, sum(revenue * revenue) as squares,
    count(*) as customers
from (
    select case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        coalesce(sum({revenue}), 0)::double as revenue,
        count_if(document <> 'credit_note') as orders
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
    group by all
) left join customers on customers.customer_id = customer
group by all order by all
