-- Last of all the customers themselves, because it takes their orders and deals to know when they became customers.

create or replace temp table known as
with first_orders as (
    select n,
        min(ordered_at) filter (where status in ('confirmed', 'partly_refunded') and not is_test) as first_valid_at,
        max(ordered_at) as last_ordered_at, min(ordered_at) as first_ordered_at
    from placed group by n
), first_created as (
    select n, min(created_at) as created_at,
        min(stayed_since) filter (where outcome = 'won') as first_won_at
    from deals group by n
)
select newcomers.*, first_valid_at, last_ordered_at, first_won_at,
    case when is_sales_led then created_at
        else later(least(arrived_at, coalesce(first_ordered_at, arrived_at)), -0.02 - 2 * exponential('registered', n))
    end as first_seen_at
from newcomers
left join first_orders using (n)
left join first_created using (n)
where not is_sales_led or created_at is not null;

insert into customers by name
select customer_id, name, kind, email, email_key,
    case when draw('has phone', n) < 0.8 then phone_number(country_code, n) end as phone, country, region, city,
    case when kind = 'company' then pick(
        ['Retail', 'Hospitality', 'Manufacturing', 'Education', 'Health', 'Construction'], draw('industry', n)) end
        as industry,
    case segment when 'Enterprise' then '250+' when 'Mid-market' then '50-249' when 'Small business' then '1-49' end
        as size_band,
    segment, case when first_valid_at is null then 'prospect' when last_ordered_at < as_of() - interval 400 day
        then 'former' else 'customer' end as lifecycle,
    owner_id, channel as acquired_channel, gaining_campaign(channel, arrived_on) as acquired_campaign_id,
    case when segment = 'Enterprise' and n <> head_no and draw('has parent', n) < 0.3 then 'C' || padded(head_no, 7) end
        as parent_customer_id,
    first_seen_at, least(first_valid_at, first_won_at) as became_customer_at,
    draw('archived', n) >= 0.015 as is_active, consent_marketing,
    coalesce(greatest(last_ordered_at, first_won_at), first_seen_at) as updated_at
from (
    select *, min(case when segment = 'Enterprise' then n end) over (partition by n // 100) as head_no from known
)
order by n;

insert into contacts by name
select 'P' || padded(n, 7) || '-' || contact_no as contact_id, customer_id,
    full_name, contact_email as email, sha256(contact_email) as email_key,
    phone_number(country_code, n * 4 + contact_no) as phone,
    pick(['Buyer', 'Managing director', 'Head of purchasing', 'Office manager', '采购经理', '总经理'],
         draw('job', n * 4 + contact_no)) as job_title,
    contact_no = 1 as is_primary,
    case when draw('opted out', n * 4 + contact_no) < 0.12 then true when draw('opted out', n * 4 + contact_no) < 0.85
        then false end as opted_out,
    case when contact_no = 1 then first_seen_at
        else least(later(first_seen_at, 90 * draw('contact added', n * 4 + contact_no)), as_of() - interval 1 hour) end
        as created_at
from (
    select *, person_name('contact', n * 4 + contact_no, in_chinese) as full_name,
        mail_address(full_name, n * 4 + contact_no, in_chinese) as contact_email
    from (
        select n, customer_id, in_chinese, country_code, first_seen_at,
            unnest(range(1, 2 + (draw('contacts', n) < 0.45)::int + (draw('contacts', n) < 0.15)::int)) as contact_no
        from known where kind = 'company'
    )
);
