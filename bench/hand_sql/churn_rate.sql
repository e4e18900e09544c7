-- Churn rate: how long each segment pauses is learnt from all orders before the end of the period.

-- name: total
with valid as (
    select coalesce(merged_into_id, orders.customer_id) as customer, ordered_at
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at < timestamp '2026-03-31 22:00:00'
), gap as (
    select segment, (epoch_us(ordered_at) - epoch_us(before)) / 1e6 as seconds
    from (select customer, ordered_at, lag(ordered_at) over (partition by customer order by ordered_at) as before from valid)
        left join customers on customers.customer_id = customer
    where before is not null
), pause as (
    select segment, to_days(ceil(quantile_cont(seconds, 0.9) / 86400)::integer) as pause from gap group by segment
), everybody as (
    select to_days(ceil(quantile_cont(seconds, 0.9) / 86400)::integer) as usual from gap
), customer as (
    select customer, max(case when ordered_at < timestamp '2024-12-31 23:00:00' then ordered_at end) as last_0,
        max(case when ordered_at < timestamp '2025-03-31 22:00:00' then ordered_at end) as last_1,
        max(case when ordered_at < timestamp '2025-09-30 22:00:00' then ordered_at end) as last_2,
        max(case when ordered_at < timestamp '2025-12-31 23:00:00' then ordered_at end) as last_3,
        max(case when ordered_at < timestamp '2026-03-31 22:00:00' then ordered_at end) as last_4
    from valid where ordered_at < timestamp '2026-03-31 22:00:00' group by customer
), held as (
    select region, last_0 >= timestamp '2024-12-31 23:00:00' - coalesce(pause, usual) as held_0,
        last_1 >= timestamp '2025-03-31 22:00:00' - coalesce(pause, usual) as held_1,
        last_2 >= timestamp '2025-09-30 22:00:00' - coalesce(pause, usual) as held_2,
        last_3 >= timestamp '2025-12-31 23:00:00' - coalesce(pause, usual) as held_3,
        last_4 >= timestamp '2026-03-31 22:00:00' - coalesce(pause, usual) as held_4
    from customer left join customers on customers.customer_id = customer.customer
        left join pause on pause.segment = customers.segment cross join everybody
)
select 'period' as cut, count_if(held_3 and not held_4) / nullif(count_if(held_3), 0) as value, count_if(held_3) as n, {target(churn_rate)} as target from held union all
select 'previous' as cut, count_if(held_2 and not held_3) / nullif(count_if(held_2), 0) as value, count_if(held_2) as n, {target(churn_rate)} as target from held union all
select 'year' as cut, count_if(held_0 and not held_1) / nullif(count_if(held_0), 0) as value, count_if(held_0) as n, {target(churn_rate)} as target from held

-- name: trend
with valid as (
    select coalesce(merged_into_id, orders.customer_id) as customer, ordered_at
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at < timestamp '2026-05-31 22:00:00'
), gap as (
    select segment, (epoch_us(ordered_at) - epoch_us(before)) / 1e6 as seconds
    from (select customer, ordered_at, lag(ordered_at) over (partition by customer order by ordered_at) as before from valid)
        left join customers on customers.customer_id = customer
    where before is not null
), pause as (
    select segment, to_days(ceil(quantile_cont(seconds, 0.9) / 86400)::integer) as pause from gap group by segment
), everybody as (
    select to_days(ceil(quantile_cont(seconds, 0.9) / 86400)::integer) as usual from gap
), customer as (
    select customer, max(case when ordered_at < timestamp '2025-05-31 22:00:00' then ordered_at end) as last_0,
        max(case when ordered_at < timestamp '2025-06-30 22:00:00' then ordered_at end) as last_1,
        max(case when ordered_at < timestamp '2025-07-31 22:00:00' then ordered_at end) as last_2,
        max(case when ordered_at < timestamp '2025-08-31 22:00:00' then ordered_at end) as last_3,
        max(case when ordered_at < timestamp '2025-09-30 22:00:00' then ordered_at end) as last_4,
        max(case when ordered_at < timestamp '2025-10-31 23:00:00' then ordered_at end) as last_5,
        max(case when ordered_at < timestamp '2025-11-30 23:00:00' then ordered_at end) as last_6,
        max(case when ordered_at < timestamp '2025-12-31 23:00:00' then ordered_at end) as last_7,
        max(case when ordered_at < timestamp '2026-01-31 23:00:00' then ordered_at end) as last_8,
        max(case when ordered_at < timestamp '2026-02-28 23:00:00' then ordered_at end) as last_9,
        max(case when ordered_at < timestamp '2026-03-31 22:00:00' then ordered_at end) as last_10,
        max(case when ordered_at < timestamp '2026-04-30 22:00:00' then ordered_at end) as last_11,
        max(case when ordered_at < timestamp '2026-05-31 22:00:00' then ordered_at end) as last_12
    from valid where ordered_at < timestamp '2026-05-31 22:00:00' group by customer
), held as (
    select region, last_0 >= timestamp '2025-05-31 22:00:00' - coalesce(pause, usual) as held_0,
        last_1 >= timestamp '2025-06-30 22:00:00' - coalesce(pause, usual) as held_1,
        last_2 >= timestamp '2025-07-31 22:00:00' - coalesce(pause, usual) as held_2,
        last_3 >= timestamp '2025-08-31 22:00:00' - coalesce(pause, usual) as held_3,
        last_4 >= timestamp '2025-09-30 22:00:00' - coalesce(pause, usual) as held_4,
        last_5 >= timestamp '2025-10-31 23:00:00' - coalesce(pause, usual) as held_5,
        last_6 >= timestamp '2025-11-30 23:00:00' - coalesce(pause, usual) as held_6,
        last_7 >= timestamp '2025-12-31 23:00:00' - coalesce(pause, usual) as held_7,
        last_8 >= timestamp '2026-01-31 23:00:00' - coalesce(pause, usual) as held_8,
        last_9 >= timestamp '2026-02-28 23:00:00' - coalesce(pause, usual) as held_9,
        last_10 >= timestamp '2026-03-31 22:00:00' - coalesce(pause, usual) as held_10,
        last_11 >= timestamp '2026-04-30 22:00:00' - coalesce(pause, usual) as held_11,
        last_12 >= timestamp '2026-05-31 22:00:00' - coalesce(pause, usual) as held_12
    from customer left join customers on customers.customer_id = customer.customer
        left join pause on pause.segment = customers.segment cross join everybody
)
select unnest(range(date '2025-06-01', date '2026-06-01', interval 1 month))::date as period,
    unnest([value_0, value_1, value_2, value_3, value_4, value_5, value_6, value_7, value_8, value_9, value_10, value_11]) as value,
    unnest([n_0, n_1, n_2, n_3, n_4, n_5, n_6, n_7, n_8, n_9, n_10, n_11]) as n
from (select count_if(held_0 and not held_1) / nullif(count_if(held_0), 0) as value_0, count_if(held_0) as n_0,
    count_if(held_1 and not held_2) / nullif(count_if(held_1), 0) as value_1, count_if(held_1) as n_1,
    count_if(held_2 and not held_3) / nullif(count_if(held_2), 0) as value_2, count_if(held_2) as n_2,
    count_if(held_3 and not held_4) / nullif(count_if(held_3), 0) as value_3, count_if(held_3) as n_3,
    count_if(held_4 and not held_5) / nullif(count_if(held_4), 0) as value_4, count_if(held_4) as n_4,
    count_if(held_5 and not held_6) / nullif(count_if(held_5), 0) as value_5, count_if(held_5) as n_5,
    count_if(held_6 and not held_7) / nullif(count_if(held_6), 0) as value_6, count_if(held_6) as n_6,
    count_if(held_7 and not held_8) / nullif(count_if(held_7), 0) as value_7, count_if(held_7) as n_7,
    count_if(held_8 and not held_9) / nullif(count_if(held_8), 0) as value_8, count_if(held_8) as n_8,
    count_if(held_9 and not held_10) / nullif(count_if(held_9), 0) as value_9, count_if(held_9) as n_9,
    count_if(held_10 and not held_11) / nullif(count_if(held_10), 0) as value_10, count_if(held_10) as n_10,
    count_if(held_11 and not held_12) / nullif(count_if(held_11), 0) as value_11, count_if(held_11) as n_11 from held)

-- name: by region
with valid as (
    select coalesce(merged_into_id, orders.customer_id) as customer, ordered_at
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at < timestamp '2026-03-31 22:00:00'
), gap as (
    select segment, (epoch_us(ordered_at) - epoch_us(before)) / 1e6 as seconds
    from (select customer, ordered_at, lag(ordered_at) over (partition by customer order by ordered_at) as before from valid)
        left join customers on customers.customer_id = customer
    where before is not null
), pause as (
    select segment, to_days(ceil(quantile_cont(seconds, 0.9) / 86400)::integer) as pause from gap group by segment
), everybody as (
    select to_days(ceil(quantile_cont(seconds, 0.9) / 86400)::integer) as usual from gap
), customer as (
    select customer, max(case when ordered_at < timestamp '2025-09-30 22:00:00' then ordered_at end) as last_0,
        max(case when ordered_at < timestamp '2025-12-31 23:00:00' then ordered_at end) as last_1,
        max(case when ordered_at < timestamp '2026-03-31 22:00:00' then ordered_at end) as last_2
    from valid where ordered_at < timestamp '2026-03-31 22:00:00' group by customer
), held as (
    select region, last_0 >= timestamp '2025-09-30 22:00:00' - coalesce(pause, usual) as held_0,
        last_1 >= timestamp '2025-12-31 23:00:00' - coalesce(pause, usual) as held_1,
        last_2 >= timestamp '2026-03-31 22:00:00' - coalesce(pause, usual) as held_2
    from customer left join customers on customers.customer_id = customer.customer
        left join pause on pause.segment = customers.segment cross join everybody
)
select 'period' as cut, region as "group", count_if(held_1 and not held_2) / nullif(count_if(held_1), 0) as value, count_if(held_1) as n from held where held_1 group by region union all
select 'compared' as cut, region as "group", count_if(held_0 and not held_1) / nullif(count_if(held_0), 0) as value, count_if(held_0) as n from held where held_0 group by region
