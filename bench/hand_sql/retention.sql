-- Retention by month of first order, by the best DuckDB SQL that we could write for it: the same rows as
-- `metrics.cohorts.cells_query` with its default options, for a company in Europe/Berlin whose merged records were merged
-- once.
--   $until         nothing at or after this moment is known
--   $starts, $ends first day of the first month of cohorts, and the day after the last
with activity as (
    select coalesce(merged.merged_into_id, orders.customer_id) as customer_id,
        date_trunc('month', ordered_at + case
            when ordered_at < timestamp '2022-03-27 01:00:00' then interval 1 hour
            when ordered_at < timestamp '2022-10-30 01:00:00' then interval 2 hour
            when ordered_at < timestamp '2023-03-26 01:00:00' then interval 1 hour
            when ordered_at < timestamp '2023-10-29 01:00:00' then interval 2 hour
            when ordered_at < timestamp '2024-03-31 01:00:00' then interval 1 hour
            when ordered_at < timestamp '2024-10-27 01:00:00' then interval 2 hour
            when ordered_at < timestamp '2025-03-30 01:00:00' then interval 1 hour
            when ordered_at < timestamp '2025-10-26 01:00:00' then interval 2 hour
            when ordered_at < timestamp '2026-03-29 01:00:00' then interval 1 hour
            else interval 2 hour end)::date as step,
        count_if(document <> 'credit_note') as orders,
        sum({revenue}) as revenue,
        sum(case when document <> 'credit_note' then coalesce(net_base, (net::double * coalesce(fx_to_base, case when currency = 'EUR' then 1 end)::double)::decimal(24, 6)) else 0 end) as gross,
        count_if(net_base is null and fx_to_base is null and currency <> 'EUR') as unpriced
    from orders
    left join (select customer_id, merged_into_id from customers where merged_into_id is not null) as merged
        on merged.customer_id = orders.customer_id
    where status in ('confirmed', 'partly_refunded') and not is_test and ordered_at < $until
        and orders.customer_id not in (select customer_id from customers where is_own_company)
    group by all
), entry as (
    select customer_id, min(step) as cohort from activity where orders > 0
    group by customer_id having min(step) >= $starts and min(step) < $ends
)
select cohort, step, count_if(orders > 0) as active, sum(revenue)::double as revenue, sum(gross)::double as gross_revenue,
    sum(unpriced) as unpriced
from activity join entry using (customer_id)
where step >= cohort and step < cohort + interval 775 day
group by all
