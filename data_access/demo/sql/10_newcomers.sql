-- People and companies who come to the company in this chunk: numbers first_customer() to last_customer() - 1.
-- Two in five come through the sales team (a lead, then a deal); the others register and order by themselves.

create or replace temp table newcomers as
with drawn as (
    select n, draw('region', n) as region_u, draw('route', n) as route_u, draw('channel', n) as channel_u
    from (select unnest(range(first_customer(), last_customer()))::bigint as n)
), placed as (
    select n, region_no, region, regions.currency as region_currency, tax_rate, countries, country_codes, cities,
        route_u < 0.40 as is_sales_led,
        case when route_u < 0.40 or route_u > 0.82 then 'company' else 'person' end as kind,
        case
            when route_u < 0.10 then 'Enterprise' when route_u < 0.40 then 'Mid-market'
            when route_u > 0.82 then 'Small business' else 'Private'
        end as segment,
        case
            when route_u < 0.40 then case
                when channel_u < 0.26 then 'event' when channel_u < 0.50 then 'partner'
                when channel_u < 0.68 then 'search' when channel_u < 0.82 then 'referral'
                when channel_u < 0.92 then 'direct' else 'social'
            end
            when channel_u < 0.28 then 'search' when channel_u < 0.50 then 'social'
            when channel_u < 0.68 then 'direct' when channel_u < 0.83 then 'referral'
            when channel_u < 0.93 then 'partner' else 'event'
        end as channel,
        floor(draw('arrival', n) * arrival_units)::bigint as arrival_unit
    from drawn
    join regions on region_u >= share_from and region_u < share_to
    join region_units using (region_no)
), described as (
    select n, 'C' || padded(n, 7) as customer_id, region_no, region, kind, segment, channel, is_sales_led, tax_rate,
        region = 'China' as in_chinese,
        countries[country_no] as country, country_codes[country_no] as country_code,
        pick_early(cities, draw('city', n)) as city,
        case when region_currency = 'USD' and draw('currency', n) < 0.06 then 'EUR' else region_currency end
            as currency,
        day as arrived_on, draw('arrival share', n) as arrived_share, utc_offset,
        day + to_seconds(seconds_of_day(draw('arrival share', n))) - utc_offset as arrived_at,
        seller(region_no, draw('owner', n)) as owner_id,
        floor(draw('favourite', n) * 5)::int as favourite_category,
        case when draw('consent', n) < 0.64 then true when draw('consent', n) < 0.91 then false end
            as consent_marketing,
        -- What it is like as a customer: orders a month, the chance to leave after an order, the size of an order.
        -- Unequal pace (gamma) and unequal loyalty (beta) make the retention of real companies.
        case when is_null() then 1.5
            else [1.6, 1.5, 1.35, 1.17][segment_no] * least(exponential('order pace', n), 4)
                * (case when is_low then 0.6 else 1 end)
        end as orders_a_month,
        case when is_null() then 0.15
            else 1 - (1 - draw('leave rate', n)) ** (1 / (case when is_low then 3 else 16 end))
        end as leave_rate,
        [9, 5.5, 3, 1.2][segment_no] * exp(0.3 * gaussian('order size', n)) * (case when is_low then 0.6 else 1 end)
            as order_size
    from (
        select *,
            1 + (draw('country', n) > 0.62)::int + (draw('country', n) > 0.84 and len(countries) > 2)::int
                as country_no,
            list_position(['Enterprise', 'Mid-market', 'Small business', 'Private'], segment) as segment_no,
            channel = low_value_channel() as is_low
        from placed
    ) as placed
    join arrival_units as units using (region_no)
    join days using (day)
    where units.unit = arrival_unit
)
select *, case when kind = 'company' then company_name_of('customer', n, in_chinese)
        else person_name('customer', n, in_chinese) end as name,
    case when draw('has mail', n) < 0.97 then mail_address(name, n, in_chinese) end as email, sha256(email) as email_key
from described;
