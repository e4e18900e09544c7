-- The company's own people: seven in each region (the seventh has left), and the teams that serve all regions.

create or replace temp macro user_key(number) as 'U' || padded(number, 3);
create or replace temp macro region_team(region_no) as 'T-REGION-' || (region_no + 1);

-- Who sells in a region, and who answers tickets; those who have left still own what they did.
create or replace temp macro seller(region_no, u) as user_key(region_no * 7 + 2 + floor(u * 6)::int);
create or replace temp macro service_agent(u) as user_key(36 + floor(u * 9)::int);

insert into teams by name
select * from (values
    ('T-SALES', 'Sales', null, null),
    ('T-SERVICE', 'Service', null, null),
    ('T-MARKETING', 'Marketing', null, null)
) as team(team_id, name, parent_team_id, region)
union all
select region_team(region_no), 'Sales ' || region, 'T-SALES', region from regions;

create or replace temp table people as
with seats as (
    select region_no * 7 + seat as user_no, region_team(region_no) as team_id, seat = 1 as leads_team,
        seat < 7 as is_active, region = 'China' as in_chinese, region_no * 7 + 1 as manager_no
    from regions cross join (select unnest(range(1, 8)) as seat)
    union all
    select 35 + seat, 'T-SERVICE', seat = 1, seat < 9, seat % 3 = 0, 36
    from (select unnest(range(1, 10)) as seat)
    union all
    select 44 + seat, 'T-MARKETING', seat = 1, seat < 5, seat % 2 = 0, 45
    from (select unnest(range(1, 6)) as seat)
)
from seats;

insert into users by name
select user_key(user_no) as user_id, person_name('user', user_no, in_chinese) as name,
    'user' || user_no || '@brightwater.example' as email, is_active, team_id,
    user_key(case when leads_team then 50 else manager_no end) as manager_id
from people;

insert into users by name
select user_key(50) as user_id, latin_person('user', 50) as name, 'user50@brightwater.example' as email;

insert into users by name
select user_key(51) as user_id, 'Shop connector' as name, true as is_integration;
