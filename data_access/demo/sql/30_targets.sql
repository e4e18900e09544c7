-- Targets for every month up to the end of the year. Each is last year's month and a tenth; the first year's were
-- guesses.

create or replace temp table achieved as
select region, local_month(ordered_at) as month,
    sum(net_base - coalesce(refunded_base, refunded * fx_to_base))::double as revenue, count(*) as orders
from orders join customers using (customer_id)
where status in ('confirmed', 'partly_refunded') and not is_test
group by all;

create or replace temp table welcomed as
select region, local_month(became_customer_at) as month,
    count(*) as newcomers
from customers where became_customer_at is not null
group by all;

create or replace temp table region_results as
select region_no, months.month, coalesce(revenue, 0) as revenue, coalesce(newcomers, 0) as newcomers
from regions
cross join (
    select unnest(generate_series(history_start(), date_trunc('year', as_of())::date + interval 11 month,
                                  interval 1 month))::date as month
) as months
left join achieved on achieved.region = regions.region and achieved.month = months.month
left join welcomed on welcomed.region = regions.region and welcomed.month = months.month;

create or replace temp table region_targets as
select present.region_no, present.month,
    round(coalesce(past.revenue * growth, present.revenue * (0.9 + 0.2 * draw('guess', present.region_no))), -2)
        as revenue,
    round(coalesce(past.newcomers * growth, present.newcomers * (0.9 + 0.2 * draw('guess too', present.region_no))))
        as newcomers
from (select *, case when is_null() then 1 else 1.1 end as growth from region_results) as present
left join region_results as past
    on past.region_no = present.region_no and past.month = present.month - interval 1 year;

insert into targets by name
with goals as (
    select 'team' as scope_type, region_team(region_no) as scope_id, metric, month, value
    from region_targets unpivot (value for metric in (revenue, newcomers as new_customers))
    union all by name
    select 'company' as scope_type, 'company' as scope_id, metric, month, sum(value) as value
    from region_targets unpivot (value for metric in (revenue, newcomers as new_customers))
    group by all
    union all by name
    select 'company' as scope_type, 'company' as scope_id, metric, month, value
    from (select distinct month from region_targets)
    cross join (values ('win_rate', 0.42), ('nps', 30)) as goal(metric, value)
)
select scope_type, scope_id, metric, month as period_start, last_day(month) as period_end, value,
    case when metric = 'revenue' then base_currency() end as currency
from goals;
