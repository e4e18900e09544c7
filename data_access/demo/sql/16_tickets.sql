-- Questions and complaints about orders, and their walk through statuses up to today.

create or replace temp table ticket_walks as
with opened as (
    select order_no, order_id, n, customer_id, contact_id, kind, ticket_category, region_no,
        later(ordered_at, 0.3 + 4 * draw('ticket after', order_no)) as opened_at,
        service_agent(draw('agent', order_no)) as owner_id
    from all_orders where ticket_category is not null and ordered_at < as_of()
)
select *, 'T' || substr(order_id, 2) as ticket_id, case
    when draw('void ticket', order_no) < 0.03 then ['open', 'void']
    when draw('ticket reopened', order_no) < 0.07 then ['open', 'resolved', 'open', 'resolved', 'closed']
    when draw('ticket waits', order_no) < 0.25 then ['open', 'pending', 'open', 'resolved', 'closed']
    else ['open', 'resolved', 'closed']
end as path
from opened where opened_at < as_of();

create or replace temp table ticket_stays as
with steps as (
    select order_no, ticket_id, opened_at, unnest(path) as status, generate_subscripts(path, 1) as seq from ticket_walks
), lasting as (
    select *, greatest(300, round(86400 * (case status when 'open' then 1.3 when 'pending' then 2.0 else 3.0 end)
        * duration('ticket stay', order_no * 16 + seq)))::bigint as seconds
    from steps
), timed as (
    select *, opened_at + to_seconds(coalesce(sum(seconds) over (partition by order_no order by seq
        rows between unbounded preceding and 1 preceding), 0)::bigint) as entered_at
    from lasting
)
select order_no, ticket_id, seq, status, entered_at,
    lead(entered_at) over (partition by order_no order by seq) as left_at
from timed;

insert into ticket_history by name
select ticket_id, seq, status, entered_at, so_far(left_at) as left_at
from ticket_stays where entered_at < as_of()
order by order_no, seq;

create or replace temp table ticket_states as
with states as (
    select ticket_id, arg_max(status, seq) as status, max(entered_at) as updated_at,
        max(case when status = 'resolved' then entered_at end) as last_resolved_at,
        max(case when status = 'closed' then entered_at end) as closed_at,
        count(*) filter (where status = 'resolved') as times_resolved, count(*) as stays
    from ticket_stays where entered_at < as_of()
    group by ticket_id
)
select walks.*, states.* exclude (ticket_id), opened_at + interval 72 hour as sla_due_at,
    case when status in ('resolved', 'closed') then last_resolved_at end as resolved_at,
    later(opened_at, 0.15 * duration('ticket answered', order_no)) as answered_at
from ticket_walks walks join states using (ticket_id);

insert into tickets by name
select ticket_id, customer_id, contact_id,
    case when draw('ticket names order', order_no) < 0.9 then order_id end as order_id, product_id,
    pick(['Please look into this', 'Question about my order', '请帮忙处理', 'Not what I expected'],
         draw('ticket subject', order_no)) as subject,
    ticket_category as category,
    ticket_category in ('late_delivery', 'damaged_goods', 'wrong_item') as is_complaint,
    pick_early(['email', 'phone', 'chat', 'web'], draw('ticket channel', order_no)) as channel,
    case when ticket_category = 'late_delivery' then 'high' else pick(['normal', 'normal', 'low', 'high'],
        draw('priority', order_no)) end as priority,
    upper(status[1]) || status[2:] as status_raw, status, opened_at,
    case when answered_at < as_of() and status <> 'void' then answered_at end as first_response_at, resolved_at,
    case when status = 'closed' then closed_at end as closed_at,
    greatest(0, times_resolved - (status in ('resolved', 'closed'))::int) as reopened_count,
    case when answered_at < as_of() and status <> 'void' then 1 + failures('replies', order_no, 0.5) else 0 end
        as replies,
    owner_id, 'T-SERVICE' as team_id, sla_due_at,
    case when status = 'void' then null when resolved_at is not null then resolved_at <= sla_due_at
        when as_of() > sla_due_at then false end as sla_met,
    case when status in ('resolved', 'closed') and draw('rated', order_no) < 0.35
        then [1.0, 0.75, 0.5, 0.25, 0.0][1 + least(4, floor(draw('ticket rating', order_no) ** 1.6 * 5))::int] end
        as satisfaction,
    updated_at
from ticket_states
left join (select order_id, product_id from order_lines where line_no = 1) using (order_id)
order by opened_at, ticket_id;
