-- Every survey is one wave: the recommendation question each month, the ticket questions by quarter, the service
-- quality questionnaire once a year.

create or replace temp table waves as
select month_no as wave_no, 'NPS-' || strftime(month, '%Y-%m') as survey_id,
    'Would you recommend us? ' || strftime(month, '%Y-%m') as name, 'nps' as kind, 0 as scale_min, 10 as scale_max,
    month + 9 as asked_on, 'date' as trigger, 0.14 as sampled_share, month, utc_offset
from days where day = month + 9 and day < as_of()
union all
select 1000 + month_no, 'SERVQUAL-' || year(month), 'Service quality ' || year(month), 'servqual', 1, 7,
    month + 14, 'date', 0.35, month, utc_offset
from days where day = month + 14 and month(month) = 3 and day < as_of()
union all
select 2000 + month_no, 'CSAT-' || year(month) || 'Q' || quarter(month),
    'How content are you with the answer? ' || year(month) || 'Q' || quarter(month), 'csat', 1, 5,
    month, 'ticket', 0.6, month, utc_offset
from days where day = date_trunc('quarter', day) and day < as_of()
union all
select 3000 + month_no, 'CES-' || year(month) || 'Q' || quarter(month),
    'How much effort was it? 1 very little, 7 very much ' || year(month) || 'Q' || quarter(month), 'ces', 1, 7,
    month, 'ticket', 0.4, month, utc_offset
from days where day = date_trunc('quarter', day) and day < as_of();

insert into surveys by name
select survey_id, name, kind, scale_min, scale_max, asked_on + interval 9 hour - utc_offset as asked_at, trigger
from waves;

-- The questionnaire: two questions for each dimension, asked for what customers expect and for what they find.
create or replace temp table questions as
select dimension, dimension_no, perspective, question_no,
    upper(perspective[1]) || '-' || dimension || '-' || question_no as item_key,
    dimension_no * 10 + question_no + case perspective when 'expectation' then 100 else 0 end as question_key
from (values ('tangibles', 0), ('reliability', 1), ('responsiveness', 2), ('assurance', 3), ('empathy', 4))
    as dimension(dimension, dimension_no)
cross join (values ('perception'), ('expectation')) as perspective(perspective)
cross join (values (1), (2)) as question(question_no);
