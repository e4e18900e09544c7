-- Net promoter score: the latest answer of each customer to each survey.

-- name: total
select cut, 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*) as value, count(*) as n, count_if(score >= 9) as promoters,
    count_if(score <= 6) as detractors,
    {target(nps)} as target
from (
    select {cut(responded_at)} as cut,
        coalesce(merged_into_id, reply.customer_id) as customer, score,
        row_number() over (
            partition by coalesce(customer, response_id), survey_id, cut
            order by responded_at desc, response_id, item_key) as turn
    from survey_responses as reply join surveys using (survey_id) join survey_answers using (response_id)
        left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null) as away
            on gone = reply.customer_id
    where surveys.kind = 'nps' and scale_min = 0 and scale_max = 10 and score between 0 and 10 and dimension is null
        and (reply.customer_id is null
             or reply.customer_id not in (select customer_id from customers where is_own_company))
        and {spans(responded_at)}
)
where turn = 1
group by cut

-- name: trend
select cut as period, 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*) as value, count(*) as n
from (
    select {months(responded_at)} as cut,
        coalesce(merged_into_id, reply.customer_id) as customer, score,
        row_number() over (
            partition by coalesce(customer, response_id), survey_id, cut
            order by responded_at desc, response_id, item_key) as turn
    from survey_responses as reply join surveys using (survey_id) join survey_answers using (response_id)
        left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null) as away
            on gone = reply.customer_id
    where surveys.kind = 'nps' and scale_min = 0 and scale_max = 10 and score between 0 and 10 and dimension is null
        and (reply.customer_id is null
             or reply.customer_id not in (select customer_id from customers where is_own_company))
        and responded_at >= timestamp '2025-05-31 22:00:00' and responded_at < timestamp '2026-05-31 22:00:00'
)
where turn = 1
group by period order by period

-- name: by region
select cut, region as "group", 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*) as value, count(*) as n, count_if(score >= 9) as promoters,
    count_if(score <= 6) as detractors
from (
    select case when responded_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut,
        coalesce(merged_into_id, reply.customer_id) as customer, score,
        row_number() over (
            partition by coalesce(customer, response_id), survey_id, cut
            order by responded_at desc, response_id, item_key) as turn
    from survey_responses as reply join surveys using (survey_id) join survey_answers using (response_id)
        left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null) as away
            on gone = reply.customer_id
    where surveys.kind = 'nps' and scale_min = 0 and scale_max = 10 and score between 0 and 10 and dimension is null
        and (reply.customer_id is null
             or reply.customer_id not in (select customer_id from customers where is_own_company))
        and responded_at >= timestamp '2025-09-30 22:00:00' and responded_at < timestamp '2026-03-31 22:00:00'
) left join customers on customers.customer_id = customer
where turn = 1
group by all order by all
