-- Calls, meetings and messages during deals, and tasks that are still to be done.
insert into interactions by name
with stays as (
    select deals.deal_no, opportunity_id, customer_id, deals.n, owner_id, seq, stays.position,
        entered_at, coalesce(so_far(left_at), as_of()) as until, so_far(left_at) is null as is_present
    from (from first_stays union all from existing_stays) as stays join deals using (deal_no)
    where entered_at < as_of() and stays.outcome = 'open'
), talks as (
    select *, unnest(range(1, 2 + failures('talks', deal_no * 64 + seq, 0.5))) as talk_no from stays
), timed as (
    select *, deal_no * 1024 + seq * 32 + least(talk_no, 31) as talk_key from talks where talk_no < 32
), held as (
    -- Some day of the stay, in working hours where they lie within it.
    select *, greatest(entered_at, least(until - interval 1 minute,
            date_trunc('day', later(entered_at, draw('talk day', talk_key)
                * date_diff('second', entered_at, until) / 86400))
            + to_seconds((25200 + 34000 * draw('talk time', talk_key))::int))) as occurred_at,
        is_present and talk_no = 1 and draw('planned', talk_key) < 0.5 as is_planned,
        [['email', 'call', 'chat'], ['call', 'meeting', 'email'], ['meeting', 'email', 'call'],
         ['call', 'meeting', 'visit']][position] as kinds
    from timed
)
select 'I' || talk_key as interaction_id,
    case when is_planned then 'task' else pick(kinds, draw('talk kind', talk_key)) end as kind,
    case when not is_planned then case when draw('direction', talk_key) < 0.35 then 'inbound' else 'outbound' end end
        as direction,
    customer_id, 'P' || padded(n, 7) || '-1' as contact_id, opportunity_id, owner_id, occurred_at,
    case when is_planned then later(occurred_at, 9) end as due_at,
    case when not is_planned then occurred_at end as done_at,
    case when not is_planned then (120 + 2400 * draw('talk length', talk_key))::int end as duration_s,
    case when is_planned then 'Planned' else 'Done' end as status,
    pick(['Needs and dates', 'Terms', 'Sample order', '报价', 'Next steps'], draw('talk subject', talk_key)) as subject
from held;

-- The first answer to a lead.
insert into interactions by name
select 'J' || lead_no as interaction_id,
    case when draw('answered by', lead_no) < 0.6 then 'call' else 'email' end as kind, 'outbound' as direction,
    lead_id, owner_id, answered_at as occurred_at, answered_at as done_at,
    'Done' as status, 'First answer' as subject
from all_leads where answered_at < as_of();
