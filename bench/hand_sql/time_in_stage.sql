-- The first stay of each opportunity of `new_business` in each open stage, of those that began in a quarter: how many, how
-- many days together up to now, and how many are still there. (Clientele fetches the stays for its Kaplan-Meier curves.)
with stay as (
    select opportunity_id, seq, entered_at, left_at, is_reconstructed,
        case stage_id when 'new_qualify' then 1 when 'new_discover' then 2 when 'new_proposal' then 3
                      when 'new_negotiation' then 4 end as step
    from stage_history
    where outcome = 'open' and step is not null and entered_at < timestamp '2026-06-18 16:00:00.000001'
), first_stay as (
    select opportunity_id, step, min(entered_at) as entered_at,
        min(case when left_at < timestamp '2026-06-18 16:00:00.000001' then left_at end) as left_at,
        min(seq * 2 + is_reconstructed::integer) % 2 as is_rebuilt
    from stay join opportunities as deal using (opportunity_id)
    where pipeline_id = 'new_business' and not is_deleted_in_source and deal.outcome <> 'void'
        and deal.created_at < timestamp '2026-06-18 16:00:00.000001'
        and (customer_id is null or customer_id not in (select customer_id from customers where is_own_company))
    group by opportunity_id, step
    having min(entered_at) >= timestamp '2025-12-31 23:00:00' and min(entered_at) < timestamp '2026-03-31 22:00:00'
)
select step, (epoch_us(coalesce(left_at, timestamp '2026-06-18 16:00:00')) - epoch_us(entered_at)) / 1e6 / 86400 as days,
    left_at is null as is_open, is_rebuilt
from first_stay
