-- What several statements say alike. They name a part in braces, and with it the column or the metric it is about,
-- which stands for `{}` here: {months(ordered_at)}.

-- name: revenue
coalesce(net_base, (net::double * coalesce(fx_to_base, case when currency = 'EUR' then 1 end)::double)::decimal(24, 6))
    - coalesce(refunded_base, case when refunded = 0 then 0 else (refunded::double * coalesce(fx_to_base,
        case when currency = 'EUR' then 1 end, net_base::double / nullif(net::double, 0))::double)::decimal(24, 6) end)

-- name: merged
left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null)
    on gone = orders.customer_id

-- name: cut
case when {} >= timestamp '2025-12-31 23:00:00' then 'period'
    when {} >= timestamp '2025-09-30 22:00:00' then 'previous' else 'year' end

-- name: spans
({} >= timestamp '2025-09-30 22:00:00' and {} < timestamp '2026-03-31 22:00:00'
    or {} >= timestamp '2024-12-31 23:00:00' and {} < timestamp '2025-03-31 22:00:00')

-- name: months
case when {} < timestamp '2025-06-30 22:00:00' then date '2025-06-01'
    when {} < timestamp '2025-07-31 22:00:00' then date '2025-07-01'
    when {} < timestamp '2025-08-31 22:00:00' then date '2025-08-01'
    when {} < timestamp '2025-09-30 22:00:00' then date '2025-09-01'
    when {} < timestamp '2025-10-31 23:00:00' then date '2025-10-01'
    when {} < timestamp '2025-11-30 23:00:00' then date '2025-11-01'
    when {} < timestamp '2025-12-31 23:00:00' then date '2025-12-01'
    when {} < timestamp '2026-01-31 23:00:00' then date '2026-01-01'
    when {} < timestamp '2026-02-28 23:00:00' then date '2026-02-01'
    when {} < timestamp '2026-03-31 22:00:00' then date '2026-03-01'
    when {} < timestamp '2026-04-30 22:00:00' then date '2026-04-01'
    else date '2026-05-01' end

-- name: target
(select sum(value) from targets
    where scope_type = 'company' and metric = '{}' and period_start >= date '2026-01-01'
        and period_end < date '2026-04-01')
