-- Surveys sent to customers, answered or not.

-- Relationship waves: a sample of those who ordered within half a year (recommendation) or a year (service quality)
-- before the wave. Trouble with a late delivery in the last four months weighs on the answer.
create or replace temp table asked as
with sampled as (
    select n, wave_no, survey_id, waves.kind, asked_on, waves.utc_offset,
        case waves.kind when 'nps' then 182 else 365 end as looks_back_days
    from buyers join waves on first_day < asked_on
    where waves.kind in ('nps', 'servqual') and draw('surveyed', n * 10000 + wave_no) < sampled_share
), reached as (
    select n, wave_no, survey_id, sampled.kind, asked_on, sampled.utc_offset,
        bool_or(ticket_category = 'late_delivery' and date_diff('day', all_orders.day, asked_on) <= 120) as had_trouble
    from sampled join all_orders using (n)
    where fate = 'confirmed' and all_orders.day < asked_on
        and date_diff('day', all_orders.day, asked_on) <= looks_back_days
    group by all
)
select n * 10000 + wave_no as survey_no, n, wave_no, survey_id, kind, null as ticket_id, null as order_id,
    coalesce(had_trouble, false) as had_trouble, asked_on + interval 10 hour - utc_offset as sent_at
from reached
-- Ticket waves: after a ticket has been resolved.
union all by name
select order_no * 8 + (waves.kind = 'ces')::int as survey_no, n, wave_no, survey_id, waves.kind, ticket_id, order_id,
    ticket_category = 'late_delivery' as had_trouble, resolved_at + interval 2 hour as sent_at
from ticket_states
join waves on waves.month = date_trunc('quarter', resolved_at)
where waves.kind in ('csat', 'ces') and resolved_at + interval 2 hour < as_of()
    and draw('surveyed ' || waves.kind, order_no) < sampled_share;

create or replace temp table replies as
select *, survey_id || '-' || padded(survey_no, 12) as response_id,
    case when draw('replies', survey_no) < case kind when 'nps' then 0.34 when 'servqual' then 0.38 else 0.30 end
            - case when had_trouble then 0.06 else 0 end
        then later(sent_at, 2.5 * exponential('reply after', survey_no)) end as replied_at,
    draw('reply complete', survey_no) < 0.95 as is_whole
from asked;

insert into survey_responses by name
select response_id, survey_id, customer_id,
    case when kind_of = 'company' then 'P' || padded(n, 7) || '-1' end as contact_id, ticket_id, order_id, sent_at,
    replied_at as responded_at, replied_at is not null and is_whole as is_complete,
    case when replied_at is not null then case when in_chinese then 'zh' else 'en' end end as language,
    case when replied_at is not null and draw('comment', survey_no) < 0.15 then
        case when had_trouble then case when in_chinese then '等得太久了。' else 'I waited far too long.' end
            else case when in_chinese then '很满意，谢谢。' else 'All good, thank you.' end end end as comment,
    'email' as channel
from (select * replace (so_far(replied_at) as replied_at) from replies)
join (select n, customer_id, kind as kind_of, in_chinese from newcomers) using (n);

insert into survey_answers by name
with answers as (
    select response_id, kind, case kind
        when 'nps' then greatest(0, least(10, round(
            8.5 + 1.3 * gaussian('temper', n) + 1.2 * gaussian('mood', survey_no)
            - case when had_trouble then 3.2 else 0 end)))
        when 'csat' then greatest(1, least(5, round(
            4.1 + 0.9 * gaussian('mood', survey_no) - case when had_trouble then 1.1 else 0 end)))
        else greatest(1, least(7, round(
            2.8 + 1.3 * gaussian('mood', survey_no) + case when had_trouble then 1.2 else 0 end)))
    end as score
    from replies where kind <> 'servqual' and replied_at < as_of()
)
select response_id, kind as item_key, score,
    case kind when 'nps' then score / 10 when 'csat' then (score - 1) / 4 else (7 - score) / 6 end as score_0_1
from answers;

-- Service quality: what a customer finds, per dimension, moves the overall answer by the weights of the plan.
create or replace temp macro found(dimension_no, survey_no) as
    0.5 * gaussian('halo', survey_no) + 0.87 * gaussian('found', survey_no * 8 + dimension_no);

insert into survey_answers by name
with returned as (
    from replies where kind = 'servqual' and replied_at < as_of()
), items as (
    select response_id, item_key, dimension, perspective, greatest(1, least(7, round(case perspective
        when 'perception' then 5.0 + 1.2 * found(dimension_no, survey_no)
            + 0.45 * gaussian('item', survey_no * 256 + question_key)
        else 6.1 + 0.7 * gaussian('item', survey_no * 256 + question_key) end))) as score
    from returned cross join questions
    where is_whole or question_no = 1
    union all by name
    select response_id, 'overall' as item_key, greatest(1, least(7, round(4.9 + 0.45 * gaussian('overall', survey_no)
        + 1.5 * (weight_tangibles() * found(0, survey_no) + weight_reliability() * found(1, survey_no)
            + weight_responsiveness() * found(2, survey_no) + weight_assurance() * found(3, survey_no)
            + weight_empathy() * found(4, survey_no))))) as score
    from returned
)
select *, (score - 1) / 6 as score_0_1 from items;
