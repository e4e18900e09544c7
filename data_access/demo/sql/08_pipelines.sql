-- Two pipelines. mean_days: how long a deal stays; the closing stages only end when a deal is reopened.

create or replace temp table stages as
from (values
    ('new_business', 'New business', 1, 'new_qualify', 'Qualify', 0.10, 'open', 6.0),
    ('new_business', 'New business', 2, 'new_discover', 'Discover', 0.20, 'open', 9.0),
    ('new_business', 'New business', 3, 'new_proposal', 'Proposal', 0.40, 'open', 12.0),
    ('new_business', 'New business', 4, 'new_negotiation', 'Negotiation', 0.70, 'open', 10.0),
    ('new_business', 'New business', 5, 'new_won', 'Won', 1.0, 'won', 20.0),
    ('new_business', 'New business', 6, 'new_lost', 'Lost', 0.0, 'lost', 20.0),
    ('new_business', 'New business', 7, 'new_void', 'Void', 0.0, 'void', 20.0),
    ('existing_business', 'Existing business', 1, 'base_review', 'Review', 0.30, 'open', 5.0),
    ('existing_business', 'Existing business', 2, 'base_offer', 'Offer', 0.55, 'open', 8.0),
    ('existing_business', 'Existing business', 3, 'base_commit', 'Commit', 0.85, 'open', 6.0),
    ('existing_business', 'Existing business', 4, 'base_won', 'Won', 1.0, 'won', 20.0),
    ('existing_business', 'Existing business', 5, 'base_lost', 'Lost', 0.0, 'lost', 20.0),
    ('existing_business', 'Existing business', 6, 'base_void', 'Void', 0.0, 'void', 20.0)
) as stage(pipeline_id, pipeline_name, position, stage_id, name, probability, outcome, mean_days);

insert into pipelines_stages by name
select stage_id, pipeline_id, pipeline_name, name, position, probability, outcome from stages;

-- The walk of a deal through its stages, from `walks` (deal_no, pipeline_id, path = positions in order, and either
-- started_at or ended_at = the entry into the last stay). A stay's length depends on deal, turn and stage only.
create or replace temp macro stay_days(mean_days, deal_no, seq) as mean_days * duration('stay', deal_no * 64 + seq);

create or replace temp macro stays_of(walks) as table
with steps as (
    select deal_no, pipeline_id, started_at, ended_at, unnest(path) as position, generate_subscripts(path, 1) as seq
    from query_table(walks)
), lasting as (
    select steps.*, stage_id, outcome,
        greatest(600, round(86400 * stay_days(mean_days, deal_no, seq)))::bigint as seconds
    from steps join stages using (pipeline_id, position)
), walked as (
    select *, coalesce(sum(seconds) over (partition by deal_no order by seq
                                          rows between unbounded preceding and 1 preceding), 0)::bigint as walked
    from lasting
), timed as (
    select *, coalesce(started_at, ended_at - to_seconds(max(walked) over (partition by deal_no)))
        + to_seconds(walked) as entered_at
    from walked
)
select deal_no, pipeline_id, seq::int as seq, stage_id, position, outcome, entered_at,
    lead(entered_at) over (partition by deal_no order by seq) as left_at,
    lag(position) over (partition by deal_no order by seq) > position
        and lag(outcome) over (partition by deal_no order by seq) = 'open' as is_backward
from timed;
