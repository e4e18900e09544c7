-- When things happen. The company has a clock of its own that runs fast in busy seasons and slowly on Sundays:
-- customers who order at a steady pace on that clock make a seasonal company on the calendar. In a null company every
-- month is alike.

create or replace temp table days as
select
    day,
    date_trunc('month', day)::date as month,
    date_diff('month', history_start(), day)::int as month_no, -- 0, 1, 2 ...
    date_diff('day', history_start(), day) / date_diff('day', history_start(), as_of()::date) as progress, -- 0 to 1
    day + interval 12 hour - timezone('UTC', timezone(company_zone(), day + interval 12 hour)) as utc_offset,
    case
        when is_null() then 30.4375 / dayofmonth(last_day(day))
        else [0.86, 0.90, 1.00, 1.00, 1.02, 0.97, 0.93, 0.86, 1.03, 1.08, 1.22, 1.25][month(day)]
            * [1.18, 1.20, 1.16, 1.12, 1.08, 0.70, 0.56][isodow(day)]
    end as pace
from (
    select unnest(generate_series(history_start(), as_of()::date + 60, interval 1 day))::date as day
);

-- share: of newcomers. arrivals, activity: pace of newcomers and of orders, from the first to the last day.
-- price_rate: the rate at which price lists are converted, whatever the daily rate.
create or replace temp table regions as
select * replace (
    case when is_null() then 1 else arrivals_from end as arrivals_from,
    case when is_null() then 1 else arrivals_to end as arrivals_to,
    case when is_null() then 1 else activity_from end as activity_from,
    case when is_null() then 1 else activity_to end as activity_to
), sum(share) over (order by region_no) - share as share_from, sum(share) over (order by region_no) as share_to
from (values
    (0, 'North', 0.20, 1.25, 0.95, 1.00, 1.02, 'EUR', 0.25, ['DK', 'SE', 'FI'], ['45', '46', '358'],
     ['Norvik Havn', 'Ilmasund', 'Tovastad', 'Kettholm']),
    (1, 'Central', 0.31, 1.25, 1.00, 1.00, 1.03, 'EUR', 0.19, ['DE', 'AT', 'CH'], ['49', '43', '41'],
     ['Lumenau', 'Fenbruck', 'Dovrastein', 'Oberquell', 'Zelmarkt']),
    (2, 'South', 0.18, 2.15, 0.32, 1.30, 0.55, 'EUR', 0.22, ['IT', 'ES', 'PT'], ['39', '34', '351'],
     ['Calavento', 'Porto Meval', 'Santa Rovina', 'Vellarosa']),
    (3, 'Americas', 0.17, 1.25, 1.00, 0.99, 1.02, 'USD', 0.00, ['US', 'CA', 'MX'], ['1', '1', '52'],
     ['Elk Hollow', 'Quillport', 'Marrow Bay', 'Pavel Springs']),
    (4, 'China', 0.14, 0.45, 1.75, 0.80, 1.40, 'CNY', 0.13, ['CN', 'SG'], ['86', '65'],
     ['清澜市', '云汀市', '禾川市', '岚桥市'])
) as region(region_no, region, share, arrivals_from, arrivals_to, activity_from, activity_to, currency, tax_rate,
            countries, country_codes, cities);

create or replace temp macro price_rate(currency) as
    case currency when 'USD' then 0.92 when 'CNY' then 0.13 else 1 end;

-- The clock: every local day of a region is 40 units long on average; a unit belongs to one day.
create or replace temp table clock as
with paced as (
    select region_no, day, utc_offset,
        round(pace * (activity_from + (activity_to - activity_from) * progress) * 1000000)::bigint as pace
    from days cross join regions
), summed as (
    select *, (sum(pace) over (partition by region_no order by day))::bigint as upto from paced
)
select region_no, day, utc_offset, (upto - pace) // 25000 as first_unit, upto // 25000 as end_unit from summed;

create or replace temp table clock_units as
select region_no, day, utc_offset, first_unit, end_unit - first_unit as units,
    unnest(range(first_unit, end_unit)) as unit
from clock;

create or replace temp macro ticks_per_unit() as 1000;

-- Newcomers: a day is as likely as it has units here. The company opened with customers who had waited for it.
create or replace temp table arrival_units as
with paced as (
    select region_no, day,
        round(pace * (arrivals_from + (arrivals_to - arrivals_from) * progress) * 1000000
              * case when month_no = 0 and not is_null() then 2.4 else 1 end)::bigint as pace
    from days cross join regions
    where day < as_of()::date
), summed as (
    select *, (sum(pace) over (partition by region_no order by day))::bigint as upto from paced
), unit_ranges as (
    select region_no, day, (upto - pace) // 100000 as first_unit, upto // 100000 as end_unit from summed
)
select region_no, day, unnest(range(first_unit, end_unit)) as unit from unit_ranges;

create or replace temp table region_units as
select region_no, max(end_unit) as clock_units,
    (select max(unit) + 1 from arrival_units a where a.region_no = clock.region_no) as arrival_units
from clock group by region_no;

-- Rates have four decimals, so that amount x rate is exact to the sixth.
create or replace temp table rates as
select currency, month,
    case
        when currency = 'EUR' then 1
        when is_null() then level
        else round(level * (1 + 0.04 * sin(month_no / 5.0 + ascii(currency)) + 0.015 * gaussian(currency, month_no)), 4)
    end::decimal(6, 4) as rate
from (select distinct month, month_no from days)
cross join (values ('EUR', 1.0), ('USD', 0.92), ('CNY', 0.13)) as level(currency, level);

insert into fx_rates by name
select currency, month as valid_from, base_currency() as base_currency, rate as rate_to_base,
    'Demo central bank' as source
from rates
where month <= as_of() and (currency <> base_currency() or month = history_start());

insert into settings by name
select base_currency() as base_currency, company_zone() as timezone, 1 as fiscal_year_start_month, 1 as week_start,
    as_of() as data_as_of;
