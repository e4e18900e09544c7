-- The loyalty programme: private customers and small companies may join; a point for every unit of base currency.

create or replace temp table club as
select n, 'Y' || padded(n, 7) as loyalty_id, customer_id, joined_at,
    case when left_u < 0.05 then so_far(later(joined_at, 200 + 400 * left_u)) end as left_at
from (
    select n, customer_id, draw('leaves programme', n) as left_u,
        later(min(ordered_at), case when draw('joins late', n) < 0.4 then 60 * draw('joins after', n) else 0 end)
            as joined_at
    from all_orders
    where kind = 'person' or not is_sales_led
    group by n, customer_id
    having draw('joins programme', n) < 0.52
)
where joined_at < as_of();

insert into loyalty_ledger by name
with earned as (
    select loyalty_id, order_id, order_no, ordered_at, floor(net_base)::double as points, left_at
    from club join placed using (n)
    where ordered_at >= joined_at and ordered_at < coalesce(left_at, as_of())
        and status in ('confirmed', 'partly_refunded') and not is_test
)
select loyalty_id || '-W' as entry_id, loyalty_id, joined_at as occurred_at, 100 as points, null as order_id,
    'welcome' as reason
from club
union all by name
select 'G' || substr(order_id, 2) as entry_id, loyalty_id, ordered_at as occurred_at, points, order_id,
    'purchase' as reason
from earned where points > 0
union all by name
-- One in six purchases is followed by spending half of its points.
select 'S' || substr(order_id, 2) as entry_id, loyalty_id,
    later(ordered_at, 1 + 20 * draw('spends after', order_no)) as occurred_at, -floor(points / 2) as points,
    null as order_id, 'reward' as reason
from earned
where points >= 20 and draw('spends points', order_no) < 0.16
    and later(ordered_at, 1 + 20 * draw('spends after', order_no)) < coalesce(left_at, as_of());

insert into loyalty_accounts by name
select loyalty_id, customer_id, 'Brightwater Club' as program,
    case when earned >= 6000 then 'Gold' when earned >= 1500 then 'Silver' else 'Bronze' end as tier, joined_at,
    left_at, balance as points_balance
from club
join (
    select loyalty_id, sum(points) as balance, sum(points) filter (where points > 0) as earned
    from loyalty_ledger
    where loyalty_id >= 'Y' || padded(first_customer(), 7) and loyalty_id < 'Y' || padded(last_customer(), 7)
    group by loyalty_id
) using (loyalty_id);
