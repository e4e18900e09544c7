"""HubSpot as Fivetran lands it: invented rows, and the published test schema of Fivetran's package where it is there."""

import hashlib

import pytest

from tests.mappings.native import reading
from tests.mappings.seeds import company_of, truths

SCHEMA = """
company: id whole, is_deleted flag, property_name text, property_domain text, property_createdate moment, property_country text
contact: id whole, _fivetran_deleted flag, property_email text, property_firstname text, property_lastname text, property_createdate moment, property_associatedcompanyid whole, property_lifecyclestage text, property_hs_lead_status text, property_hs_analytics_source text, property_hs_lifecyclestage_marketingqualifiedlead_date moment, property_hs_lifecyclestage_salesqualifiedlead_date moment, property_hs_v_2_date_entered_customer moment, property_hs_lifecyclestage_opportunity_date moment, property_hs_calculated_merged_vids text
contact_merge_audit: canonical_vid whole, contact_id whole, vid_to_merge whole
owner: owner_id whole, email text, first_name text, last_name text
owner_team: owner_id whole, team_id whole, is_team_primary flag
team: id whole, name text
deal: deal_id whole, is_deleted flag, deal_pipeline_id text, deal_pipeline_stage_id text, owner_id whole, property_dealname text, property_amount decimal, property_amount_in_home_currency decimal, property_deal_currency_code text, property_closedate moment, property_createdate moment, property_hs_lastmodifieddate moment, property_dealtype text, property_closed_lost_reason text
merged_deal: deal_id whole, merged_deal_id whole
deal_company: deal_id whole, company_id whole, type_id whole
deal_contact: deal_id whole, contact_id whole
deal_pipeline: pipeline_id text, label text
deal_pipeline_stage: stage_id text, pipeline_id text, label text, display_order whole, probability float, is_closed flag, closed_won flag, _fivetran_deleted flag
deal_stage: deal_id whole, value text, date_entered moment, source_id text
deal_property_history: deal_id whole, name text, value text, timestamp moment
line_item: id whole, product_id whole, property_quantity decimal, property_price decimal, property_amount decimal, _fivetran_deleted flag
line_item_deal: line_item_id whole, deal_id whole
product: id whole, property_name text, property_price decimal
email_campaign: id whole, name text, subject text, type text
email_event: id text, type text, created moment, email_campaign_id whole, recipient text, sent_by_id text, caused_by_id text, filtered_event flag, obsoleted_by_id text
email_event_bounce: id text, category text
email_event_status_change: id text, portal_subscription_status text, subscriptions text
contact_form_submission: contact_id text, conversion_id text, form_id text, timestamp moment
engagement_call: engagement_id whole, property_hs_timestamp moment, property_hs_call_direction text, property_hubspot_owner_id whole
engagement_task: engagement_id whole, property_hs_timestamp moment, property_hs_createdate moment, property_hs_task_status text, property_hs_task_completion_date moment
engagement_meeting: engagement_id whole, start_time moment, end_time moment, meeting_outcome text
engagement_contact: engagement_id whole, contact_id whole
engagement_company: engagement_id whole, company_id whole
engagement_deal: engagement_id whole, deal_id whole
ticket: id whole, is_deleted flag, property_createdate moment, property_closed_date moment, property_first_agent_reply_date moment, property_hs_pipeline text, property_hs_pipeline_stage text, property_hs_ticket_category text, property_subject text, property_hs_merged_object_ids text
ticket_pipeline_stage: stage_id text, pipeline_id text, label text, is_closed flag, ticket_state text
ticket_property_history: ticket_id whole, name text, value text, timestamp_instant moment
ticket_company: ticket_id whole, company_id whole, type_id whole
ticket_contact: ticket_id whole, contact_id whole
"""
OWN = """
[settings]
base_currency = "USD"
timezone = "UTC"
"""
crm = reading("hubspot", SCHEMA, "sqlite", "postgresql")

ACME = {"id": 1, "property_name": "Acme", "property_domain": "ACME.com", "property_createdate": "2025-01-01"}
STAGES = [
    {"stage_id": "new", "pipeline_id": "p", "label": "New", "display_order": 0, "probability": 0.2, "is_closed": False, "closed_won": False},
    {"stage_id": "offer", "pipeline_id": "p", "label": "Offer", "display_order": 1, "probability": 0.6, "is_closed": False, "closed_won": False},
    {"stage_id": "7781", "pipeline_id": "p", "label": "Lost?", "display_order": 2, "probability": 1, "is_closed": True, "closed_won": True},
    {"stage_id": "7782", "pipeline_id": "p", "label": "Won over", "display_order": 3, "probability": 0, "is_closed": True, "closed_won": False},
]  # fmt: skip


def deal(id, stage="new", **more):
    """A deal opened on 5 January."""
    row = {"deal_id": id, "deal_pipeline_id": "p", "deal_pipeline_stage_id": stage, "property_dealname": f"Deal {id}"}
    return row | {"property_amount": 100, "property_createdate": "2026-01-05 10:00"} | more


def logged(deal, *stays):
    """Rows of deal_stage: stage and moment."""
    return [{"deal_id": deal, "value": stage, "date_entered": at} for stage, at in stays]


def stays(company, deal):
    """The stays of a deal: stage, outcome, when it began, and whether that is from no log."""
    return [
        (row["stage_id"], row["outcome"], str(row["entered_at"])[:16], row["is_reconstructed"])
        for row in company.rows("stage_history")
        if row["opportunity_id"] == deal
    ]


def moments(company, table, column):
    """Moments of a table by its key, to the minute."""
    found = company.by_key(table, column)
    return {key: str(at)[:16] if at is not None else None for key, at in found.items()}


def test_the_flags_of_the_stage_say_what_a_deal_is_and_merged_ones_are_not_counted(crm):
    company = crm(
        own=OWN,
        company=[ACME],
        deal_pipeline=[{"pipeline_id": "p", "label": "Sales"}],
        deal_pipeline_stage=STAGES,
        deal=[deal(1, "7781"), deal(2, "7782", property_closed_lost_reason="price"), deal(3), deal(4, "7781"), deal(5, "gone"),
              deal(6, None, is_deleted=True)],
        merged_deal=[{"deal_id": 1, "merged_deal_id": 4}],
    )  # fmt: skip
    assert company.by_key("opportunities", "outcome", "is_deleted_in_source") == {
        "1": ("won", False),
        "2": ("lost", False),
        "3": ("open", False),
        "4": ("won", True),
        "5": ("open", False),
        "6": ("open", True),
    }
    assert company.ask("win_rate", "2026", as_of="2027-01-01").result.n == 2
    assert company.problems() == []


def test_a_deal_closes_when_its_log_says(crm):
    company = crm(
        own=OWN,
        company=[ACME],
        deal_pipeline_stage=STAGES,
        deal=[deal(1, "7781", property_closedate="2026-12-31 00:00"), deal(2, "offer")],
        deal_stage=logged(
            1, ("new", "2026-01-05 10:01"), ("offer", "2026-01-08 10:00"), ("7782", "2026-01-09 10:00"),
            ("offer", "2026-02-01 10:00"), ("offer", "2026-02-02 10:00"), ("7781", "2026-03-01 10:00"),
        ),
        deal_property_history=[
            {"deal_id": 1, "name": "dealstage", "value": "new", "timestamp": "2026-01-05 10:00"},
            {"deal_id": 2, "name": "dealstage", "value": "new", "timestamp": "2026-01-05 10:00"},
            {"deal_id": 2, "name": "dealname", "value": "x", "timestamp": "2026-01-06 10:00"},
            {"deal_id": 2, "name": "dealstage", "value": "offer", "timestamp": "2026-01-07 10:00"},
        ],
    )  # fmt: skip
    assert moments(company, "opportunities", "closed_at") == {"1": "2026-03-01 10:00", "2": None}
    assert str(company.by_key("opportunities", "expected_close_date")["1"])[:10] == "2026-12-31"
    assert [(stage, outcome, at) for stage, outcome, at, _ in stays(company, "1")] == [
        ("new", "open", "2026-01-05 10:00"),
        ("offer", "open", "2026-01-08 10:00"),
        ("7782", "lost", "2026-01-09 10:00"),
        ("offer", "open", "2026-02-01 10:00"),
        ("7781", "won", "2026-03-01 10:00"),
    ]
    assert stays(company, "2") == [
        ("new", "open", "2026-01-05 10:00", False),
        ("offer", "open", "2026-01-07 10:00", False),
    ]
    assert company.problems() == []


def test_without_a_log_the_history_is_marked_as_reconstructed(crm):
    company = crm(
        own=OWN,
        without=("deal_stage", "deal_property_history", "merged_deal"),
        company=[ACME],
        deal_pipeline_stage=STAGES,
        deal=[
            deal(1, "7781", property_closedate="2026-02-01 12:00"),
            deal(2, "7781", property_closedate="2030-01-01", property_hs_lastmodifieddate="2026-03-01 12:00"),
            deal(3, "7781", property_closedate="2020-01-01"),
            deal(4, "offer"),
        ],
    )
    assert stays(company, "1") == [(None, "open", "2026-01-05 10:00", True), ("7781", "won", "2026-02-01 12:00", True)]
    assert stays(company, "4") == [("offer", "open", "2026-01-05 10:00", True)]
    assert moments(company, "opportunities", "closed_at") == {
        "1": "2026-02-01 12:00",
        "2": "2026-03-01 12:00",
        "3": "2026-01-05 10:00",
        "4": None,
    }
    assert company.problems() == []


def test_a_log_that_does_not_reach_the_present_stage_is_ended_by_it(crm):
    company = crm(
        own=OWN,
        company=[ACME],
        deal_pipeline_stage=STAGES,
        deal=[deal(1, "7782", property_closedate="2026-04-01 09:00")],
        deal_stage=logged(1, ("new", "2026-01-05 10:00"), ("offer", "2026-02-05 10:00")),
    )
    assert stays(company, "1")[-1] == ("7782", "lost", "2026-04-01 09:00", True)
    assert company.problems() == []


def test_the_primary_company_of_a_deal_is_its_customer_else_the_person(crm):
    company = crm(
        own=OWN,
        company=[ACME, {"id": 2, "property_name": "Beta", "property_createdate": "2025-01-01"},
                 {"id": 3, "property_name": "Gone", "is_deleted": True, "property_createdate": "2025-01-01"}],
        contact=[
            {"id": 1, "property_email": " Ann@Web.de ", "property_firstname": "Ann", "property_createdate": "2025-01-01"},
            {"id": 2, "property_email": "bob@acme.com", "property_createdate": "2025-01-01", "property_associatedcompanyid": 1},
            {"id": 9, "property_email": "old@web.de", "property_createdate": "2024-01-01"},
        ],
        contact_merge_audit=[{"canonical_vid": 1, "contact_id": 1, "vid_to_merge": 9}],
        deal_pipeline_stage=STAGES,
        deal=[
            deal(1, property_deal_currency_code="EUR", property_amount_in_home_currency=110),
            deal(2),
            deal(3),
            deal(4, property_deal_currency_code="GBP"),
        ],
        deal_company=[
            {"deal_id": 1, "company_id": 1, "type_id": 341},
            {"deal_id": 1, "company_id": 2, "type_id": 5},
            {"deal_id": 3, "company_id": 3, "type_id": 5},
        ],
        deal_contact=[{"deal_id": 2, "contact_id": 1}, {"deal_id": 3, "contact_id": 2}],
    )  # fmt: skip
    assert company.by_key("opportunities", "customer_id", "amount_base") == {
        "1": ("2", 110),
        "2": ("contact:1", 100),
        "3": ("1", 100),
        "4": (None, None),
    }
    assert company.by_key("customers", "kind", "email_key") == {
        "1": ("company", None),
        "2": ("company", None),
        "contact:1": ("person", hashlib.sha256(b"ann@web.de").hexdigest()),
    }
    assert company.by_key("contacts", "customer_id") == {"1": "contact:1", "2": "1"}
    assert company.problems("rate_missing") == []  # GBP without a rate


def test_a_lead_is_a_contact_by_its_lifecycle(crm):
    contact = {"property_createdate": "2026-01-01 10:00", "property_hs_analytics_source": "PAID_SEARCH"}
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        contact=[
            {**contact, "id": 1, "property_lifecyclestage": "lead"},
            {**contact, "id": 2, "property_lifecyclestage": "lead", "property_hs_lead_status": "UNQUALIFIED"},
            {**contact, "id": 3, "property_lifecyclestage": "marketingqualifiedlead", "property_hs_lead_status": "NEW",
             "property_hs_lifecyclestage_marketingqualifiedlead_date": "2026-01-03 10:00"},
            {**contact, "id": 4, "property_lifecyclestage": "customer",
             "property_hs_lifecyclestage_opportunity_date": "2026-01-05 10:00"},
            {**contact, "id": 5, "property_lifecyclestage": "subscriber"},
            {**contact, "id": 6},
        ],
        deal=[deal(1)],
        deal_contact=[{"deal_id": 1, "contact_id": 4}],
    )  # fmt: skip
    assert company.by_key("leads", "status", "channel", "converted_opportunity_id") == {
        "1": ("new", "ads", None),
        "2": ("disqualified", "ads", None),
        "3": ("qualified", "ads", None),
        "4": ("converted", "ads", "1"),
    }
    assert moments(company, "leads", "converted_at")["4"] == "2026-01-05 10:00"
    assert company.problems() == []


def test_events_of_machines_are_neither_opens_nor_touches(crm):
    event = {"email_campaign_id": 7, "recipient": "Ann@Web.de"}
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        contact=[{"id": 1, "property_email": "ann@web.de", "property_createdate": "2025-01-01"}],
        email_campaign=[{"id": 7, "name": "News"}],
        email_event=[
            {**event, "id": "s1", "type": "SENT", "created": "2026-03-01 10:00"},
            {**event, "id": "d1", "type": "DELIVERED", "created": "2026-03-01 10:01", "sent_by_id": "s1"},
            {**event, "id": "o1", "type": "OPEN", "created": "2026-03-01 10:01", "sent_by_id": "s1", "filtered_event": True},
            {**event, "id": "o2", "type": "OPEN", "created": "2026-03-02 10:00", "sent_by_id": "s1", "filtered_event": False},
            {**event, "id": "o3", "type": "OPEN", "created": "2026-03-03 10:00", "sent_by_id": "s1"},
            {**event, "id": "c1", "type": "CLICK", "created": "2026-03-02 10:05", "sent_by_id": "s1"},
            {**event, "id": "u1", "type": "STATUSCHANGE", "created": "2026-03-05 10:00", "sent_by_id": "s1"},
            {**event, "id": "s2", "type": "SENT", "created": "2026-03-01 10:00", "recipient": "who@web.de"},
            {**event, "id": "b2", "type": "BOUNCE", "created": "2026-03-01 10:02", "sent_by_id": "s2", "recipient": "who@web.de"},
            {**event, "id": "p3", "type": "PROCESSED", "created": "2026-03-01 10:00", "recipient": "no@web.de"},
        ],
        email_event_bounce=[{"id": "b2", "category": "UNKNOWN_USER"}],
        email_event_status_change=[{"id": "u1", "portal_subscription_status": "UNSUBSCRIBED"}],
        contact_form_submission=[{"contact_id": "1", "conversion_id": "f", "timestamp": "2026-03-06 10:00"}],
    )  # fmt: skip
    members = {row["member_key"][:6]: row for row in company.rows("campaign_members")}
    ann, who = members["1"], members[hashlib.sha256(b"who@web.de").hexdigest()[:6]]
    assert (ann["opens"], ann["clicks"], str(ann["opened_at"])[:16]) == (2, 1, "2026-03-02 10:00")
    assert str(ann["unsubscribed_at"])[:10] == "2026-03-05"
    assert (who["bounce_kind"], who["opened_at"], who["contact_id"]) == ("hard", None, None)
    assert len(members) == 2
    assert company.by_key("touchpoints", "kind") == {"o2": "email", "o3": "email", "c1": "click", "form:f": "form"}
    assert company.problems() == []


def test_who_unsubscribes_by_a_click_or_from_one_kind_of_mail_left_after_that_mail(crm):
    event = {"email_campaign_id": 7, "created": "2026-03-01 10:00"}
    change = {"type": "STATUSCHANGE", "email_campaign_id": None, "created": "2026-03-02 10:00"}
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        email_campaign=[{"id": 7, "name": "News"}],
        email_event=[
            {**event, "id": "s1", "type": "SENT", "recipient": "a@web.de"},
            {**event, "id": "c1", "type": "CLICK", "recipient": "a@web.de", "sent_by_id": "s1"},
            {**change, "id": "u1", "recipient": "a@web.de", "caused_by_id": "c1"},
            {**event, "id": "s2", "type": "SENT", "recipient": "b@web.de"},
            {**event, "id": "c2", "type": "CLICK", "recipient": "b@web.de", "sent_by_id": "s2"},
            {**change, "id": "u2", "recipient": "b@web.de", "caused_by_id": "c2"},
            {**event, "id": "s3", "type": "SENT", "recipient": "c@web.de"},
            {**event, "id": "b3", "type": "BOUNCE", "recipient": "c@web.de", "sent_by_id": "s3"},
            {**change, "id": "u3", "recipient": "c@web.de", "caused_by_id": "b3"},
        ],
        email_event_status_change=[
            {"id": "u1", "portal_subscription_status": "UNSUBSCRIBED"},
            {"id": "u2", "subscriptions": '[{"id": 10, "status": "UNSUBSCRIBED"}]'},
            {"id": "u3"},  # the address was marked as bounced
        ],
    )
    found = {row["email_key"]: str(row["unsubscribed_at"])[:10] for row in company.rows("campaign_members")}
    keys = [hashlib.sha256(f"{name}@web.de".encode()).hexdigest() for name in "abc"]
    assert [found[key] for key in keys] == ["2026-03-02", "2026-03-02", "None"]
    assert company.problems() == []


def test_a_contact_names_those_that_were_merged_into_it(crm):
    person = {"property_createdate": "2026-01-01", "property_lifecyclestage": "lead"}
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        contact=[
            {**person, "id": 1, "property_hs_calculated_merged_vids": "2:1767225600000;3:1767225600001"},
            {**person, "id": 2},
            {**person, "id": 3},
            {**person, "id": 4, "property_hs_calculated_merged_vids": ""},
        ],
    )
    assert list(company.by_key("leads", "status")) == ["1", "4"]
    assert list(company.by_key("contacts", "email")) == ["1", "4"]
    assert company.problems() == []


def test_a_lead_is_qualified_for_sales_where_marketing_never_said_so(crm):
    person = {"property_createdate": "2026-01-01", "property_lifecyclestage": "customer"}
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        contact=[
            {**person, "id": 1, "property_hs_lifecyclestage_salesqualifiedlead_date": "2026-01-09",
             "property_hs_v_2_date_entered_customer": "2026-02-01"},
            {**person, "id": 2, "property_hs_lifecyclestage_marketingqualifiedlead_date": "2026-01-05",
             "property_hs_lifecyclestage_salesqualifiedlead_date": "2026-01-09"},
        ],
    )  # fmt: skip
    assert moments(company, "leads", "qualified_at") == {"1": "2026-01-09 00:00", "2": "2026-01-05 00:00"}
    assert moments(company, "leads", "converted_at") == {"1": "2026-02-01 00:00", "2": None}
    assert company.problems() == []


def test_a_ticket_that_was_taken_up_again_is_not_closed_and_a_merged_one_is_none(crm):
    ticket = {
        "property_createdate": "2026-01-01 08:00",
        "property_closed_date": "2026-01-03 08:00",
        "property_hs_pipeline": "0",
    }
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        ticket=[
            {**ticket, "id": 1, "property_hs_pipeline_stage": "1"},
            {**ticket, "id": 2, "property_hs_pipeline_stage": "4"},
            {**ticket, "id": 3, "property_hs_pipeline_stage": "4", "property_hs_merged_object_ids": "4;5"},
            {**ticket, "id": 4, "property_hs_pipeline_stage": "4"},
        ],
        ticket_pipeline_stage=[
            {"stage_id": "1", "pipeline_id": "0", "label": "New", "is_closed": False},
            {"stage_id": "4", "pipeline_id": "0", "label": "Done", "is_closed": True},
        ],
        ticket_property_history=[
            {
                "ticket_id": number,
                "name": "hs_pipeline_stage",
                "value": value,
                "timestamp_instant": f"2026-01-0{day} 08:00",
            }
            for number, steps in ((1, "141"), (2, "14141"))
            for day, value in enumerate(steps, 1)
        ],
    )
    assert company.by_key("tickets", "status", "reopened_count") == {
        "1": ("open", 1),
        "2": ("closed", 2),
        "3": ("closed", None),
        "4": ("void", None),
    }
    closed = "2026-01-03 08:00"
    assert moments(company, "tickets", "resolved_at") == {"1": None, "2": closed, "3": closed, "4": closed}
    assert company.problems() == []


def test_engagements_and_tickets_belong_to_the_customer(crm):
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        company=[ACME],
        contact=[{"id": 1, "property_email": "bob@acme.com", "property_createdate": "2025-01-01", "property_associatedcompanyid": 1}],
        owner=[{"owner_id": 5, "first_name": "Una", "last_name": "Uhl"}],
        owner_team=[{"owner_id": 5, "team_id": 1, "is_team_primary": False}, {"owner_id": 5, "team_id": 2, "is_team_primary": True}],
        team=[{"id": 1, "name": "A"}, {"id": 2, "name": "B"}],
        engagement_call=[{"engagement_id": 1, "property_hs_timestamp": "2026-02-01 10:00", "property_hs_call_direction": "INBOUND",
                          "property_hubspot_owner_id": 5}],
        engagement_task=[{"engagement_id": 2, "property_hs_timestamp": "2026-02-09 10:00", "property_hs_createdate": "2026-02-01 10:00",
                          "property_hs_task_status": "NOT_STARTED"}],
        engagement_meeting=[{"engagement_id": 3, "start_time": "2026-02-02 10:00", "end_time": "2026-02-02 11:00",
                             "meeting_outcome": "NO_SHOW"}],
        engagement_contact=[{"engagement_id": 1, "contact_id": 1}],
        ticket_pipeline_stage=[
            {"stage_id": "1", "pipeline_id": "0", "label": "Waiting on contact", "is_closed": False},
            {"stage_id": "4", "pipeline_id": "0", "label": "Fertig", "is_closed": True},
            {"stage_id": "4", "pipeline_id": "9", "label": "Other", "is_closed": False},
        ],
        ticket=[
            {"id": 1, "property_createdate": "2026-02-01 10:00", "property_hs_pipeline": "0", "property_hs_pipeline_stage": "4",
             "property_closed_date": "2026-02-02 10:00", "property_first_agent_reply_date": "2026-02-01 11:00",
             "property_hs_ticket_category": "Complaint"},
            {"id": 2, "property_createdate": "2026-02-01 10:00", "property_hs_pipeline": "0", "property_hs_pipeline_stage": "1"},
            {"id": 3, "property_createdate": "2026-02-01 10:00", "is_deleted": True},
        ],
        ticket_contact=[{"ticket_id": 1, "contact_id": 1}],
    )  # fmt: skip
    assert company.by_key("interactions", "kind", "customer_id", "direction", "owner_id") == {
        "1": ("call", "1", "inbound", "5"),
        "2": ("task", None, None, None),
        "3": ("meeting", None, None, None),
    }
    assert moments(company, "interactions", "done_at") == {"1": "2026-02-01 10:00", "2": None, "3": None}
    assert company.by_key("users", "name", "team_id") == {"5": ("Una Uhl", "2")}
    assert company.by_key("tickets", "status", "customer_id", "is_complaint") == {
        "1": ("closed", "1", True),
        "2": ("pending", None, False),
    }
    assert company.problems() == []


def test_lines_of_a_deal_are_no_orders(crm):
    company = crm(
        own=OWN,
        deal_pipeline_stage=STAGES,
        deal=[deal(1, "7781")],
        product=[{"id": 1, "property_name": "Seat", "property_price": 50}],
        line_item=[{"id": 1, "product_id": 1, "property_quantity": 2, "property_price": 50, "property_amount": 90},
                   {"id": 2, "product_id": 1, "property_quantity": 2, "_fivetran_deleted": True}],
        line_item_deal=[{"line_item_id": 1, "deal_id": 1}, {"line_item_id": 2, "deal_id": 1}],
    )  # fmt: skip
    assert company.by_key("opportunity_lines", "net_amount", "quantity", "product_id") == {"1": (90, 2, "1")}
    assert "orders" not in company.mapped.columns
    assert company.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_published_schema_is_read_and_every_row_is_there(kind, tmp_path):
    company = company_of("hubspot", kind, tmp_path)
    told = truths()
    [[deals, deleted, _]] = told["hubspot_deals"]["value"]
    flags = [row["is_deleted_in_source"] for row in company.rows("opportunities", "is_deleted_in_source")]
    assert (len(flags), sum(flags)) == (int(deals), int(deleted))
    sent = next(int(n) for kind, n in told["hubspot_email_event_types"]["value"] if kind == "SENT")
    assert len(company.rows("campaign_members", "member_key")) == sent
    assert company.problems("not_mapped") == []
