-- Lines, then orders as their sums: `net` of an order is the sum of its lines to the cent.

create or replace temp table order_lines as
with lines as (
    select order_id, order_no, fate, currency, order_size, favourite_category, has_pair, has_both, day,
        unnest(range(1, lines + 1)) as line_no
    from all_orders where ordered_at < as_of()
), chosen as (
    select *, order_no * 32 + line_no as line_key, case
        when has_pair and line_no = 1 then pair_product()
        when has_pair and has_both and line_no = 2 then pair_other_product()
        else 'PR-' || padded(40 * category_no + floor(40 * draw('product', order_no * 32 + line_no) ** 2)::int, 3)
    end as product_id
    from (
        select *, case when draw('category kind', order_no * 32 + line_no) < 0.5 then favourite_category
            else floor(6 * draw('category', order_no * 32 + line_no))::int end as category_no
        from lines
    )
), priced as (
    select order_id, order_no, line_no, product_id, name as description, fate, currency,
        greatest(1, round(order_size * exp(0.6 * gaussian('quantity', line_key))))::decimal(9, 0) as quantity,
        round(list_price / price_rate(currency), 2)::decimal(9, 2) as unit_price,
        case
            when draw('discount', line_key) < 0.74 then 0 when draw('discount', line_key) < 0.88 then 0.05
            when draw('discount', line_key) < 0.96 then 0.10 else 0.15
        end::decimal(3, 2) as discount_share, day
    from chosen join catalogue using (product_id)
), discounted as (
    select *, quantity * unit_price as gross, round(quantity * unit_price * discount_share, 2) as discount from priced
)
select order_id, order_no, line_no, product_id, description, quantity, unit_price, fate, currency, day, rate,
    gross::decimal(12, 2) as gross, discount::decimal(12, 2) as discount, (gross - discount)::decimal(12, 2) as net
from discounted join rates using (currency)
where month = date_trunc('month', day);

insert into order_items by name
select order_id || '-' || line_no as order_item_id, order_id, product_id, description, quantity, unit_price, discount,
    net, net * rate as net_base,
    case when fate = 'refunded' or fate = 'partly_refunded' and line_no = 1 then quantity else 0 end
        as refunded_quantity
from order_lines;

create or replace temp table order_sums as
select order_id, sum(gross)::decimal(12, 2) as gross, sum(discount)::decimal(12, 2) as discount,
    sum(net)::decimal(12, 2) as net, max(rate) as rate,
    -- A single line cannot be refunded in part: such orders are refunded altogether.
    case when max(fate) = 'partly_refunded' and count(*) = 1 then 'refunded' else max(fate) end as final_fate,
    sum(case when fate = 'refunded' or fate = 'partly_refunded' and line_no = 1 then net else 0 end)::decimal(12, 2)
        as refunded
from order_lines group by order_id;

create or replace temp table placed as
select n, order_no, turn, campaign_no, order_id, customer_id, opportunity_id, owner_id,
    case final_fate when 'test' then 'confirmed' else final_fate end as status,
    case final_fate when 'test' then 'Confirmed' when 'partly_refunded' then 'Partly refunded'
        else upper(final_fate[1]) || final_fate[2:] end as status_raw,
    ordered_at, channel, campaign_id, currency, rate as fx_to_base, gross, discount, net,
    round(net * tax_rate::decimal(3, 2), 2) as tax,
    case when net * rate < 150 then round(6.90 / price_rate(currency), 2) else 0 end as shipping,
    refunded, net * rate as net_base,
    -- One in five sources leaves the converted refund out: readers fall back on refunded x fx_to_base.
    case when refunded = 0 or draw('refund converted', order_no) < 0.8 then refunded * rate end as refunded_base,
    case when final_fate = 'cancelled' then least(later(ordered_at, exponential('cancelled', order_no)),
                                                 as_of() - interval 1 minute) end as cancelled_at,
    final_fate = 'test' as is_test, 'order' as document, contact_id, coalesce(cancelled_at, ordered_at) as updated_at
from all_orders
join order_sums using (order_id)
left join order_deals using (order_no);

insert into orders by name
select * exclude (n, turn, campaign_no, order_no), 'BW' || order_no as order_no from placed;

-- Credit notes for the first line of an order: negative, dated and converted on their own day.
create or replace temp table credit_notes as
select *, 'N' || substr(order_id, 2) as credit_note_id,
    later(ordered_at, 4 + 16 * draw('credit note after', order_no)) as noted_at
from all_orders join order_sums using (order_id)
where final_fate = 'confirmed' and turn < 9000 and draw('credit note', order_no) < 0.004;

create or replace temp table credit_lines as
select credit_note_id, notes.customer_id, contact_id, owner_id, notes.order_no, noted_at, channel, notes.currency,
    tax_rate, product_id, description, quantity, unit_price, gross_of_line, discount_of_line, net_of_line, rates.rate
from credit_notes as notes
join (
    select order_id, product_id, description, quantity, unit_price, gross as gross_of_line,
        discount as discount_of_line, net as net_of_line
    from order_lines where line_no = 1
) using (order_id)
join rates on rates.currency = notes.currency
    and rates.month = local_month(noted_at)
where noted_at < as_of();

insert into orders by name
select credit_note_id as order_id, customer_id, contact_id, owner_id, 'CN' || order_no as order_no,
    'confirmed' as status, 'Credit note' as status_raw, noted_at as ordered_at, channel, currency,
    rate as fx_to_base, -gross_of_line as gross, -discount_of_line as discount, -net_of_line as net,
    round(-net_of_line * tax_rate::decimal(3, 2), 2) as tax, -net_of_line * rate as net_base, 0 as refunded_base,
    'credit_note' as document
from credit_lines;

insert into order_items by name
select credit_note_id || '-1' as order_item_id, credit_note_id as order_id, product_id, description,
    -quantity as quantity, unit_price, -discount_of_line as discount, -net_of_line as net,
    -net_of_line * rate as net_base, 0 as refunded_quantity
from credit_lines;
