-- The other dirt, in stated amounts, as real sources hold it. Keys stay unique.

-- The same customer twice, a few of them merged.
insert into customers by name
with doubles as (
    select *, row_number() over (order by customer_id) as double_no
    from customers
    where email_key is not null and not is_own_company
    order by customer_id limit duplicate_customers_wanted()
)
select * exclude (double_no, is_active, parent_customer_id)
    replace (
        'X-DOUBLE-' || padded(double_no, 6) as customer_id, upper(name) as name, '  ' || upper(email) as email,
        null as became_customer_at, 'prospect' as lifecycle, null as phone,
        case when double_no <= merged_customers_wanted() then customer_id end as merged_into_id,
        least(later(first_seen_at, 20), as_of() - interval 1 hour) as first_seen_at
    ),
    double_no > merged_customers_wanted() as is_active
from doubles;

-- Deals that closed before they were opened.
update opportunities set closed_at = created_at - interval 3 day
where opportunity_id in (
    select opportunity_id from opportunities where outcome in ('won', 'lost') and not is_deleted_in_source
    order by opportunity_id limit opportunities_closed_before_created_wanted()
);

-- Rows that have lost whom they belong to.
insert into contacts by name
select 'X-ALONE-' || padded(contact_no, 6) as contact_id, latin_person('alone', contact_no) as full_name,
    mail_address(full_name, 9000000 + contact_no, false) as email, as_of() - to_days(30 + contact_no::int) as created_at
from (select unnest(range(1, 1 + contacts_without_customer_wanted())) as contact_no);

create or replace temp table lost_tickets as
select ticket_id as template_id, 'X-LOST-' || padded(row_number() over (order by ticket_id), 6) as lost_id
from (select ticket_id from tickets where status = 'closed' order by ticket_id limit tickets_without_customer_wanted());

insert into tickets by name
select tickets.* replace (lost_id as ticket_id, null as customer_id, null as contact_id, null as order_id)
from lost_tickets join tickets on ticket_id = template_id;

insert into ticket_history by name
select ticket_history.* replace (lost_id as ticket_id) from lost_tickets join ticket_history on ticket_id = template_id;
