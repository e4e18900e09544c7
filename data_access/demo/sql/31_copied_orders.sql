-- The company itself stands in its own books with six orders of samples: none of it is ever counted. And dirt among
-- the orders: orders of nobody, orders from the future, orders in a currency without a rate, all copies of sound ones.

insert into customers by name
select 'C-OWN' as customer_id, company_name() as name, 'company' as kind, 'DE' as country, 'Central' as region,
    'Oberquell' as city, history_start()::timestamp as first_seen_at, true as is_own_company;

-- Orders to copy from: valid ones in the base currency, each with a number.
create or replace temp table templates as
select row_number() over (order by order_id) as template_no, order_id as template_id
from (
    select order_id from orders
    where status = 'confirmed' and not is_test and document = 'order' and currency = base_currency()
        and campaign_id is null and opportunity_id is null
    order by order_id
    limit 6 + orphan_orders_wanted() + future_orders_wanted() + orders_without_rate_wanted()
);

create or replace temp table copies as
select template_no, template_id, kind, 'X-' || kind || '-' || padded(template_no, 6) as order_id
from (
    select *, case
        when template_no <= 6 then 'OWN'
        when template_no <= 6 + orphan_orders_wanted() then 'ORPHAN'
        when template_no <= 6 + orphan_orders_wanted() + future_orders_wanted() then 'FUTURE'
        else 'NORATE'
    end as kind
    from templates
);

insert into orders by name
select orders.* replace (
    copies.order_id as order_id, 'BW-' || copies.order_id as order_no,
    case kind when 'OWN' then 'C-OWN' when 'ORPHAN' then 'C-LOST-' || padded(template_no, 6) else customer_id end
        as customer_id,
    case when kind in ('FUTURE', 'NORATE') then contact_id end as contact_id,
    case when kind = 'FUTURE' then later(as_of(), 1 + 30 * draw('future', template_no)) else ordered_at end
        as ordered_at,
    case when kind = 'NORATE' then 'GBP' else currency end as currency,
    case when kind <> 'NORATE' then fx_to_base end as fx_to_base,
    case when kind <> 'NORATE' then net_base end as net_base,
    case when kind <> 'NORATE' then refunded_base end as refunded_base)
from copies join orders on orders.order_id = template_id;

insert into order_items by name
select order_items.* replace (
    copies.order_id || substr(order_item_id, length(template_id) + 1) as order_item_id,
    copies.order_id as order_id,
    case when kind <> 'NORATE' then net_base end as net_base)
from copies join order_items on order_items.order_id = template_id;
