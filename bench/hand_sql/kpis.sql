-- Nine key figures at once. Revenue, orders, customers, average order value and repeat rate share one look at the orders,
-- new customers and churn another; the targets of all are read once.
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
), bought as (
    select {cut(ordered_at)} as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        coalesce(sum({revenue}), 0)::double
            as revenue,
        count_if(document <> 'credit_note') as orders,
        count_if(document <> 'credit_note' and (net_base is not null or fx_to_base is not null or currency = 'EUR')) as priced,
        count_if(net_base is not null or fx_to_base is not null or currency = 'EUR') as sales,
        count_if(net_base is null and fx_to_base is null and currency <> 'EUR') as unpriced
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and {spans(ordered_at)}
    group by all
), total as (
    select cut, sum(revenue) as revenue, sum(orders)::bigint as orders, count_if(orders > 0) as customers,
        sum(revenue) / nullif(sum(priced), 0) as average_order_value, sum(priced)::bigint as priced,
        count_if(orders >= 2) / count_if(orders > 0) as repeat_rate, sum(revenue * revenue) as revenue_squares,
        sum(orders * orders) as order_squares, sum(priced * revenue) as xy, sum(priced * priced) as xx, count(*) as everybody,
        count_if(sales > 0) as priced_customers, sum(unpriced) as unpriced
    from bought group by cut
), first as (
    select customer, min(ordered_at) as first_at from valid group by customer
), deal as (
    select {cut(closed_at)} as cut,
        count_if(outcome = 'won') / count(*) as value, count(*) as n, count_if(outcome = 'won') as won
    from opportunities
    where outcome in ('won', 'lost') and not is_deleted_in_source and created_at < timestamp '2026-06-18 16:00:00.000001'
        and (opportunities.customer_id is null
             or opportunities.customer_id not in (select customer_id from customers where is_own_company))
        and {spans(closed_at)}
    group by cut
), reply as (
    select cut, 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*) as value, count(*) as n, count_if(score >= 9) as promoters,
        count_if(score <= 6) as detractors
    from (
        select {cut(responded_at)} as cut,
            coalesce(merged_into_id, reply.customer_id) as customer, score,
            row_number() over (
                partition by coalesce(customer, response_id), survey_id, cut
                order by responded_at desc, response_id, item_key) as turn
        from survey_responses as reply join surveys using (survey_id) join survey_answers using (response_id)
            left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null) as away
                on gone = reply.customer_id
        where surveys.kind = 'nps' and scale_min = 0 and scale_max = 10 and score between 0 and 10 and dimension is null
            and (reply.customer_id is null
                 or reply.customer_id not in (select customer_id from customers where is_own_company))
            and {spans(responded_at)}
    )
    where turn = 1
    group by cut
), lost as (
    select 'period' as cut, count_if(held_3 and not held_4) / nullif(count_if(held_3), 0) as value, count_if(held_3) as n from held union all
    select 'previous' as cut, count_if(held_2 and not held_3) / nullif(count_if(held_2), 0) as value, count_if(held_2) as n from held union all
    select 'year' as cut, count_if(held_0 and not held_1) / nullif(count_if(held_0), 0) as value, count_if(held_0) as n from held
), target as (
    select metric, sum(value) as target from targets
    where scope_type = 'company' and period_start >= date '2026-01-01' and period_end < date '2026-04-01' group by metric
)
select metric, cut, value, n, target
from (
    select 'revenue' as metric, cut, revenue as value, orders as n from total union all
    select 'orders', cut, orders, orders from total union all
    select 'customers', cut, customers, customers from total union all
    select 'new_customers', {cut(first_at)} as cut, count(*), count(*)
    from first where {spans(first_at)} group by all union all
    select 'average_order_value', cut, average_order_value, priced from total union all
    select 'repeat_rate', cut, repeat_rate, customers from total union all
    select 'win_rate', cut, value, n from deal union all
    select 'nps', cut, value, n from reply union all
    select 'churn_rate', cut, value, n from lost
) left join target using (metric)
