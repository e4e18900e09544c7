-- Revenue.

-- name: total
select cut, sum(revenue) as value, sum(orders) as n, sum(revenue * revenue) as squares, count(*) as customers,
    sum(unpriced) as unpriced,
    (select sum(value) from targets
        where scope_type = 'company' and metric = 'revenue' and period_start >= date '2026-01-01'
            and period_end < date '2026-04-01') as target
from (
    select case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'period'
                when ordered_at >= timestamp '2025-09-30 22:00:00' then 'previous' else 'year' end as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        coalesce(sum(coalesce(net_base, (net::double * coalesce(fx_to_base, case when currency = 'EUR' then 1 end)::double)::decimal(24, 6))
            - coalesce(refunded_base, case when refunded = 0 then 0 else (refunded::double * coalesce(fx_to_base,
                case when currency = 'EUR' then 1 end, net_base::double / nullif(net::double, 0))::double)::decimal(24, 6) end)), 0)::double as revenue,
        count_if(document <> 'credit_note') as orders, count_if(net_base is null and fx_to_base is null and currency <> 'EUR') as unpriced
    from orders left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null)
        on gone = orders.customer_id
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and (ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
            or ordered_at >= timestamp '2024-12-31 23:00:00' and ordered_at < timestamp '2025-03-31 22:00:00')
    group by all
)
group by cut

-- name: trend
select case
        when ordered_at < timestamp '2025-06-30 22:00:00' then date '2025-06-01'
        when ordered_at < timestamp '2025-07-31 22:00:00' then date '2025-07-01'
        when ordered_at < timestamp '2025-08-31 22:00:00' then date '2025-08-01'
        when ordered_at < timestamp '2025-09-30 22:00:00' then date '2025-09-01'
        when ordered_at < timestamp '2025-10-31 23:00:00' then date '2025-10-01'
        when ordered_at < timestamp '2025-11-30 23:00:00' then date '2025-11-01'
        when ordered_at < timestamp '2025-12-31 23:00:00' then date '2025-12-01'
        when ordered_at < timestamp '2026-01-31 23:00:00' then date '2026-01-01'
        when ordered_at < timestamp '2026-02-28 23:00:00' then date '2026-02-01'
        when ordered_at < timestamp '2026-03-31 22:00:00' then date '2026-03-01'
        when ordered_at < timestamp '2026-04-30 22:00:00' then date '2026-04-01'
        else date '2026-05-01' end as period,
    sum(coalesce(net_base, (net::double * coalesce(fx_to_base, case when currency = 'EUR' then 1 end)::double)::decimal(24, 6))
            - coalesce(refunded_base, case when refunded = 0 then 0 else (refunded::double * coalesce(fx_to_base,
                case when currency = 'EUR' then 1 end, net_base::double / nullif(net::double, 0))::double)::decimal(24, 6) end))::double as value,
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
        coalesce(sum(coalesce(net_base, (net::double * coalesce(fx_to_base, case when currency = 'EUR' then 1 end)::double)::decimal(24, 6))
            - coalesce(refunded_base, case when refunded = 0 then 0 else (refunded::double * coalesce(fx_to_base,
                case when currency = 'EUR' then 1 end, net_base::double / nullif(net::double, 0))::double)::decimal(24, 6) end)), 0)::double as revenue,
        count_if(document <> 'credit_note') as orders
    from orders left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null)
        on gone = orders.customer_id
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
    group by all
) left join customers on customers.customer_id = customer
group by all order by all
