-- The sales funnel of the pipeline `new_business`, by the best DuckDB SQL that we could write for it: the same counts,
-- medians, means and moves as `metrics.funnel_steps.funnel_query`, for the same cohorts.
--   $starts, $ends, $untils   lists of UTC moments: where each cohort begins and ends, and up to when it is followed;
--                             the present one first
--   $until                    nothing at or after this moment is known
with cohorts as (
    select unnest(range(len($starts))) as cohort, unnest($starts) as low, unnest($ends) as high, unnest($untils) as until
), stay as (
    select opportunity_id, seq, entered_at, outcome, is_reconstructed,
        case when outcome = 'open' then case stage_id when 'new_qualify' then 1 when 'new_discover' then 2
                                                      when 'new_proposal' then 3 when 'new_negotiation' then 4 else 0 end
             when outcome = 'won' then 5 end as step
    from stage_history
    where entered_at < $until
        and (stage_id is null
             or stage_id not in ('base_review', 'base_offer', 'base_commit', 'base_won', 'base_lost', 'base_void'))
), begun as (
    select opportunity_id, min(entered_at) as first_at from stay where step is not null
    group by opportunity_id having first_at >= list_min($starts) and first_at < list_max($ends)
), entrant as (
    select opportunity_id, first_at, cohort, until, deal.outcome as deal_outcome, closed_at
    from begun join cohorts on first_at >= low and first_at < high join opportunities as deal using (opportunity_id)
    where pipeline_id = 'new_business' and not is_deleted_in_source and created_at < $until
        and (customer_id is null or customer_id not in (select customer_id from customers where is_own_company))
), move as (
    select opportunity_id, seq, entered_at, outcome, step, is_reconstructed, lag(step) over turn as step_before,
        lag(outcome) over turn as outcome_before
    from stay join entrant using (opportunity_id) where entered_at < until
    window turn as (partition by opportunity_id order by seq)
), way as (
    select opportunity_id, min(case when step = 1 then entered_at end) as at_1,
        min(case when step = 2 then entered_at end) as at_2, min(case when step = 3 then entered_at end) as at_3,
        min(case when step = 4 then entered_at end) as at_4, min(case when step = 5 then entered_at end) as at_5,
        arg_max(outcome, seq) as last_outcome, max(case when step < 5 and step > 0 then seq * 1000 + step end) % 1000 as last_step,
        count_if(case when outcome_before is null then step > 1
                      when outcome_before = 'open' and step_before > 0 then step > step_before + 1 end) as skips,
        count_if(outcome = 'open' and outcome_before = 'open' and step > 0 and step < step_before) as backward,
        count_if(step < 5 and outcome_before <> 'open') as reopened, count_if(step = 0) as unknown,
        count_if(is_reconstructed) as reconstructed
    from move group by opportunity_id
), record as (
    select *, case when deal_outcome <> 'open' and coalesce(closed_at, first_at) < until then deal_outcome
                   else last_outcome end as result,
        coalesce(at_5, case when deal_outcome = 'won' and closed_at < until then closed_at end) as reach_5
    from entrant join way using (opportunity_id)
), followed as (
    select *, coalesce(at_4, case when result <> 'lost' then reach_5 end) as reach_4,
        coalesce(at_3, case when result <> 'lost' then coalesce(at_4, reach_5) end) as reach_3,
        coalesce(at_2, case when result <> 'lost' then coalesce(at_3, at_4, reach_5) end) as reach_2,
        coalesce(at_1, case when result <> 'lost' then coalesce(at_2, at_3, at_4, reach_5) end) as reach_1,
        case when at_1 is null then 0 when at_2 is null or at_2 < at_1 then 1 when at_3 is null or at_3 < at_2 then 2
             when at_4 is null or at_4 < at_3 then 3 when reach_5 is null or reach_5 < at_4 then 4 else 5 end as depth,
        case when result = 'void' then 'void' else 'counted' end as standing,
        cohort <= 1 and reconstructed = 0 as is_timed
    from record
), timed as (
    select *, case when is_timed and reach_2 >= reach_1 then epoch_us(reach_2) - epoch_us(reach_1) end / 1e6 as seconds_2,
        case when is_timed and reach_3 >= coalesce(reach_2, reach_1)
            then epoch_us(reach_3) - epoch_us(coalesce(reach_2, reach_1)) end / 1e6 as seconds_3,
        case when is_timed and reach_4 >= coalesce(reach_3, reach_2, reach_1)
            then epoch_us(reach_4) - epoch_us(coalesce(reach_3, reach_2, reach_1)) end / 1e6 as seconds_4,
        case when is_timed and reach_5 >= coalesce(reach_4, reach_3, reach_2, reach_1)
            then epoch_us(reach_5) - epoch_us(coalesce(reach_4, reach_3, reach_2, reach_1)) end / 1e6 as seconds_5
    from followed
)
select cohort, standing, count(*) as n, count_if(result = 'open') as open, count_if(result = 'won') as won,
    count_if(result = 'lost') as lost, sum(skips)::bigint as skips, sum(backward)::bigint as backward,
    sum(reopened)::bigint as reopened, count_if(skips > 0) as skip_records, count_if(backward > 0) as backward_records,
    count_if(reopened > 0) as reopened_records, count_if(unknown > 0) as unknown_records,
    count_if(reconstructed > 0) as reconstructed_records,
    count(reach_1) as reached_1, count_if(depth >= 1) as in_order_1, count(at_1) as entered_1,
    count_if(result = 'open' and reach_1 is not null) as open_1, count_if(result = 'open' and last_step = 1) as here_1,
    count_if(result = 'lost' and last_step = 1) as lost_1,
    count(reach_2) as reached_2, count_if(depth >= 2) as in_order_2, count(at_2) as entered_2,
    count_if(result = 'open' and reach_2 is not null) as open_2, count_if(result = 'open' and last_step = 2) as here_2,
    count_if(result = 'lost' and last_step = 2) as lost_2, median(seconds_2) as median_2, avg(seconds_2) as mean_2,
    count(reach_3) as reached_3, count_if(depth >= 3) as in_order_3, count(at_3) as entered_3,
    count_if(result = 'open' and reach_3 is not null) as open_3, count_if(result = 'open' and last_step = 3) as here_3,
    count_if(result = 'lost' and last_step = 3) as lost_3, median(seconds_3) as median_3, avg(seconds_3) as mean_3,
    count(reach_4) as reached_4, count_if(depth >= 4) as in_order_4, count(at_4) as entered_4,
    count_if(result = 'open' and reach_4 is not null) as open_4, count_if(result = 'open' and last_step = 4) as here_4,
    count_if(result = 'lost' and last_step = 4) as lost_4, median(seconds_4) as median_4, avg(seconds_4) as mean_4,
    count(reach_5) as reached_5, count_if(depth >= 5) as in_order_5, count(reach_5) as entered_5,
    count_if(result = 'open' and reach_5 is not null) as open_5, 0 as here_5, 0 as lost_5,
    median(seconds_5) as median_5, avg(seconds_5) as mean_5
from timed group by cohort, standing order by cohort, standing
