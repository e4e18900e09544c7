-- Orders. A buyer orders at a steady pace on the company's clock (Poisson) and may leave for good after each order
-- (geometric): pace and chance to leave differ from buyer to buyer, which is the model BG/NBD.
-- order_no = customer number * 10000 + turn; turns from 9000 on are orders that a letter brought.

create or replace temp table spans as
select n, region_no, orders_a_month / (30.4375 * 40 * ticks_per_unit()) as orders_a_tick,
    round((first_unit + first_share * units) * ticks_per_unit())::bigint as first_tick,
    1 + failures('turns before leaving', n, leave_rate) as turns_before_leaving,
    clock_units * ticks_per_unit() as last_tick
from buyers
join (select region_no, day, first_unit, end_unit - first_unit as units from clock) clock using (region_no)
join region_units using (region_no)
where clock.day = first_day;

create or replace temp table natural_orders as
with wanted as (
    -- As many turns as the buyer may live to take: never fewer than the Poisson count up to the end (6 sigma).
    select *, (last_tick - first_tick) * orders_a_tick as expected from spans
), turns as (
    select n, region_no, first_tick, orders_a_tick, unnest(range(1, 1 + least(
        turns_before_leaving, 8999, 12 + ceil(expected + 6 * sqrt(expected)))::bigint)) as turn
    from wanted
), gaps as (
    select n, region_no, turn, n * 10000 + turn as order_no,
        case when turn = 1 then first_tick
            else 1 + floor(least(exponential('gap', n * 10000 + turn) / orders_a_tick, 1e15))::bigint end as gap
    from turns
), ticks as (
    select n, region_no, turn, order_no,
        (sum(gap) over (partition by n order by turn rows unbounded preceding))::bigint as tick
    from gaps
), placed as (
    select n, turn, order_no, day, utc_offset,
        day + to_seconds(seconds_of_day(
            least((tick - first_unit * ticks_per_unit()) / (units * ticks_per_unit()), 0.99999))) - utc_offset
            as ordered_at
    from ticks
    join clock_units units on units.region_no = ticks.region_no and units.unit = tick // ticks_per_unit()
), judged as (
    select *, case
        when draw('trial order', order_no) < 0.003 then 'test'
        when turn = 1 and n in (select n from won_first) then 'confirmed'
        when draw('order status', order_no) < 0.028 then 'cancelled'
        when draw('order status', order_no) < 0.040 then 'refunded'
        when draw('order status', order_no) < 0.046 then 'draft'
        when draw('order status', order_no) < 0.070 then 'partly_refunded'
        else 'confirmed'
    end as fate
    from placed
), complaining as (
    -- What goes wrong with the order. The first range is the churn cause, the last one ends on the day of the repair.
    select *, case when fate not in ('test', 'draft', 'cancelled') then case
        when ticket_u < late_delivery_rate() then 'late_delivery'
        when ticket_u < late_delivery_rate() + 0.018 then 'wrong_item'
        when ticket_u < late_delivery_rate() + 0.043 then 'invoice_question'
        when ticket_u < late_delivery_rate() + 0.073 then 'product_question'
        when ticket_u < late_delivery_rate() + 0.083 then 'account_access'
        when ticket_u < late_delivery_rate() + 0.083
            + case when day < fixed_on() then damaged_rate_before() else damaged_rate_after() end then 'damaged_goods'
    end end as ticket_category
    from (select *, draw('ticket', order_no) as ticket_u from judged)
), leaving as (
    select *, min(case when ticket_category = 'late_delivery' and draw('leaves', order_no) < late_leave_rate()
                  then turn end) over (partition by n) as last_turn
    from complaining
)
select n, turn, order_no, day, ordered_at, fate, ticket_category from leaving where turn <= coalesce(last_turn, turn);

-- Who a letter is for: buyers who agreed to letters and came a week before or earlier. With a held-out group,
-- three in ten get nothing, by lot.
create or replace temp table audience as
with reached as (
    select letters.*, n, customer_id, contact_id, email_key, member_key, n * 1000 + campaign_no as member_no,
        later(sent_at, 0.02 * draw('minutes', n * 1000 + campaign_no)) as goes_out_at
    from buyers join letters on first_day < sent_on - 7
    where consent_marketing and member_key is not null and draw('audience', n * 1000 + campaign_no) < audience_share
)
select *, has_control and draw('held out', member_no) < 0.30 as is_held_out,
    draw('would order', member_no) < effect as would_order,
    draw('delivered', member_no) < 0.97 as is_delivered,
    draw('opened', member_no) < 0.36 or draw('clicked', member_no) < 0.18 as is_opened,
    draw('clicked', member_no) < 0.18 as is_clicked,
    later(goes_out_at, 0.25 + (conversion_days() - 1) * draw('order after letter', member_no)) as would_order_at
from reached;

create or replace temp table all_orders as
with both_kinds as (
    from natural_orders
    union all by name
    select n, 9000 + campaign_no as turn, n * 10000 + 9000 + campaign_no as order_no,
        local_day(would_order_at) as day, would_order_at as ordered_at, 'confirmed' as fate
    from audience where would_order and not is_held_out
), clicked as (
    -- An order within the window of a letter that was clicked is put down to it, rightly or not.
    select n, campaign_id, campaign_no, goes_out_at from audience where is_clicked and is_delivered and not is_held_out
), drawn as (
    select *, draw('own channel', order_no) as channel_u,
        1 + least(failures('lines', order_no, 0.2735), 29) as wanted_lines,
        draw('pair', order_no) < pair_rate() as has_pair, draw('pair both', order_no) < pair_both_rate() as has_both
    from both_kinds
)
select drawn.*, campaign_id, campaign_no, kind, is_sales_led, favourite_category, order_size, currency, tax_rate,
    customer_id, contact_id, owner_id, region_no,
    'O' || padded(drawn.n, 7) || '-' || padded(turn, 2) as order_id,
    case
        when is_sales_led then case when channel_u < 0.70 then 'sales' else 'online' end
        when kind = 'company' then case when channel_u < 0.25 then 'phone' else 'online' end
        when channel_u < 0.12 then 'phone' else 'online'
    end as channel,
    case when has_pair and has_both then greatest(2, wanted_lines) else wanted_lines end as lines
from drawn
join buyers using (n)
left join clicked on clicked.n = drawn.n and ordered_at >= goes_out_at
    and ordered_at < goes_out_at + to_days(conversion_days())
order by ordered_at, order_no;
