"""Salesforce as Fivetran lands it: invented rows, and the published test schema of Fivetran's package where it is there."""

import pytest

from tests.mappings.native import reading
from tests.mappings.seeds import company_of, truths

SCHEMA = """
account: id text, name text, is_deleted flag, created_date moment, last_modified_date moment, owner_id text, parent_id text, billing_country text, billing_country_code text, billing_city text, industry text, type text, website text, number_of_employees whole, account_source text
contact: id text, name text, email text, account_id text, is_deleted flag, created_date moment, has_opted_out_of_email flag
user: id text, name text, email text, is_active flag, user_role_id text, manager_id text, user_type text
user_role: id text, name text, parent_role_id text
lead: id text, name text, email text, company text, status text, lead_source text, owner_id text, is_deleted flag, is_converted flag, converted_date moment, converted_account_id text, converted_contact_id text, converted_opportunity_id text, created_date moment
lead_history: id text, lead_id text, field text, old_value text, new_value text, created_date moment
opportunity: id text, name text, account_id text, owner_id text, campaign_id text, stage_name text, amount decimal, currency_iso_code text, probability float, is_won flag, is_closed flag, is_deleted flag, close_date day, created_date moment, last_modified_date moment, last_stage_change_date moment, lead_source text, type text, forecast_category text, loss_reason_c text, _fivetran_active flag, _fivetran_start moment
opportunity_history: id text, opportunity_id text, stage_name text, created_date moment, created_by_id text, is_deleted flag, _fivetran_start moment
opportunity_field_history: id text, opportunity_id text, field text, old_value text, new_value text, created_date moment, created_by_id text
opportunity_stage: id text, api_name text, master_label text, is_active flag, is_won flag, is_closed flag, sort_order whole, default_probability float
opportunity_line_item: id text, opportunity_id text, product_2_id text, quantity decimal, total_price decimal, is_deleted flag
product_2: id text, name text, product_code text, family text, is_active flag, is_deleted flag
order: id text, account_id text, order_number text, status text, status_code text, effective_date day, created_date moment, total_amount decimal, is_reduction_order flag, is_deleted flag
order_item: id text, order_id text, product_2_id text, quantity decimal, unit_price decimal, total_price decimal, is_deleted flag, _fivetran_active flag
campaign: id text, name text, type text, start_date day, end_date day, budgeted_cost decimal, actual_cost decimal, is_deleted flag, created_date moment, _fivetran_active flag
campaign_member: id text, campaign_id text, lead_id text, contact_id text, has_responded flag, first_responded_date day, created_date moment, is_deleted flag, _fivetran_active flag
task: id text, subject text, who_id text, what_id text, account_id text, owner_id text, is_closed flag, is_deleted flag, is_recurrence flag, task_subtype text, call_type text, activity_date day, completed_date_time moment, created_date moment, _fivetran_active flag
event: id text, subject text, who_id text, what_id text, owner_id text, is_deleted flag, is_child flag, is_recurrence flag, start_date_time moment, end_date_time moment, duration_in_minutes whole, created_date moment, _fivetran_active flag
case: id text, subject text, account_id text, contact_id text, owner_id text, type text, reason text, origin text, status text, is_closed flag, is_deleted flag, master_record_id text, created_date moment, closed_date moment, _fivetran_active flag
email_message: id text, parent_id text, incoming flag, message_date moment
case_comment: id text, parent_id text, created_by_id text, is_published flag, created_date moment
case_history: id text, case_id text, field text, old_value text, new_value text
currency_type: id text, iso_code text, conversion_rate float, is_corporate flag
dated_conversion_rate: id text, iso_code text, conversion_rate float, start_date day, next_start_date day
organization: id text, time_zone_sid_key text, fiscal_year_start_month whole
"""
OWN = """
[settings]
base_currency = "USD"
"""
ENGINES = ("sqlite", "postgresql")
crm = reading("salesforce", SCHEMA, *ENGINES)

ACCOUNT = {"id": "A1", "name": "Acme", "created_date": "2025-01-01 08:00"}
NEW_YORK = [{"id": "O", "time_zone_sid_key": "America/New_York", "fiscal_year_start_month": 2}]


def deal(id, stage, created="2026-01-05 10:00", **more):
    """An open deal; `won` and `lost` say the flags."""
    outcome = more.pop("outcome", "open")
    flags = {"is_won": outcome == "won", "is_closed": outcome != "open", "is_deleted": False}
    row = {"id": id, "name": id, "stage_name": stage, "created_date": created, "amount": 100, "account_id": "A1"}
    return row | {"close_date": "2026-06-30", "forecast_category": "x"} | flags | more


def history(deal, *stays, by="id"):
    """Rows of Salesforce's own OpportunityHistory: stage and moment."""
    return [
        {"id": f"{deal}-{n}", "opportunity_id": deal, "stage_name": stage, "created_date": at}
        for n, (stage, at) in enumerate(stays)
    ]


def versions(deal, *stays):
    """What history mode keeps of a deal: stage and moment of each version."""
    return [{"id": deal, "stage_name": stage, "_fivetran_start": at} for stage, at in stays]


def changes(deal, *stays):
    """Rows of OpportunityFieldHistory: before, after, moment."""
    return [
        {"id": f"{deal}-{n}", "opportunity_id": deal, "field": "StageName", "old_value": old, "new_value": new,
         "created_date": at}
        for n, (old, new, at) in enumerate(stays)
    ]  # fmt: skip


def stays(company, deal):
    """The stays of a deal: stage, outcome, when it began, and whether that is from no log."""
    return [
        (row["stage_id"], row["outcome"], str(row["entered_at"])[:16], row["is_reconstructed"])
        for row in company.rows("stage_history")
        if row["opportunity_id"] == deal
    ]


def moments(company, table, *columns):
    """Moments of a table by its key, to the minute."""
    found = company.by_key(table, *columns)
    return {key: str(at)[:16] if at is not None else None for key, at in found.items()}


def test_flags_say_what_a_deal_is_and_the_name_of_its_stage_nothing(crm):
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[
            deal("a", "Signed", outcome="won"),
            deal("b", "Won back later", outcome="lost"),
            deal("c", "Closed Won (to check)"),
            deal("d", "Signed", outcome="won", is_deleted=True),
        ],
    )
    assert company.by_key("opportunities", "outcome") == {"a": "won", "b": "lost", "c": "open", "d": "won"}
    assert company.by_key("pipelines_stages", "outcome") == {
        "Signed": "won",
        "Won back later": "lost",
        "Closed Won (to check)": "open",
    }
    assert company.ask("win_rate", "2026", as_of="2027-01-01").result.value == 0.5
    assert company.problems() == []


def test_a_deal_closes_when_its_history_says_and_not_on_the_close_date_that_people_edit(crm):
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[deal("a", "Won", outcome="won", close_date="2026-09-30")],
        opportunity_history=history(
            "a",
            ("New", "2026-01-05 10:00"),
            ("Offer", "2026-02-01 09:00"),
            ("Offer", "2026-02-03 09:00"),  # another field changed
            ("Lost", "2026-03-01 12:00"),
            ("Offer", "2026-03-09 12:00"),
            ("Won", "2026-04-02 08:00"),
        ),
        opportunity_stage=[
            {"id": "1", "api_name": "New", "master_label": "Neu", "sort_order": 1, "default_probability": 10},
            {"id": "2", "api_name": "Offer", "master_label": "Angebot", "sort_order": 2, "default_probability": 50},
            {"id": "3", "api_name": "Won", "master_label": "Gewonnen", "sort_order": 3, "is_closed": True, "is_won": True},
            {"id": "4", "api_name": "Lost", "master_label": "Verloren", "sort_order": 4, "is_closed": True},
        ],
    )  # fmt: skip
    assert moments(company, "opportunities", "closed_at") == {"a": "2026-04-02 08:00"}
    assert str(company.by_key("opportunities", "expected_close_date")["a"])[:10] == "2026-09-30"
    assert stays(company, "a") == [
        ("New", "open", "2026-01-05 10:00", False),
        ("Offer", "open", "2026-02-01 09:00", False),
        ("Lost", "lost", "2026-03-01 12:00", False),
        ("Offer", "open", "2026-03-09 12:00", False),
        ("Won", "won", "2026-04-02 08:00", False),
    ]
    assert [row["is_backward"] for row in company.rows("stage_history")] == [False, False, False, True, False]
    assert company.by_key("pipelines_stages", "name", "position")["Offer"] == ("Angebot", 2)
    assert company.problems() == []


def test_the_log_of_the_field_gives_the_first_stage_back(crm):
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[deal("a", "Offer"), deal("b", "Won", outcome="won")],
        opportunity_field_history=[
            *changes("a", ("New", "Talk", "2026-01-09 10:00"), ("Talk", "Offer", "2026-01-09 10:00")),
            *changes("b", ("Offer", "Won", "2026-02-01 10:00")),
            {"id": "x", "opportunity_id": "a", "field": "Amount", "old_value": "1", "new_value": "2",
             "created_date": "2026-01-06 10:00"},
        ],
    )  # fmt: skip
    assert stays(company, "a") == [
        ("New", "open", "2026-01-05 10:00", False),
        ("Offer", "open", "2026-01-09 10:00", False),  # two entries of one moment are one
    ]
    assert stays(company, "b")[1] == ("Won", "won", "2026-02-01 10:00", False)
    assert company.problems() == []


def test_versions_of_history_mode_are_stays_only_where_the_stage_changes(crm):
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[
            deal("a", "Won", outcome="won"),
            deal("late", "Offer", created="2024-01-05 10:00"),
            deal("closed", "Lost", outcome="lost", created="2024-01-05 10:00", close_date="2024-03-01"),
        ],
        opportunity_history=[
            *versions("a", ("New", "2026-01-05 10:01"), ("New", "2026-01-06 10:00"), ("Won", "2026-01-07 10:00")),
            *versions("late", ("Talk", "2025-05-01 00:00"), ("Offer", "2025-06-01 00:00")),
            *versions("closed", ("Lost", "2025-05-01 00:00"), ("Lost", "2025-06-01 00:00")),
        ],
    )
    assert stays(company, "a") == [
        ("New", "open", "2026-01-05 10:00", False),
        ("Won", "won", "2026-01-07 10:00", False),
    ]
    assert stays(company, "late") == [
        ("Talk", "open", "2024-01-05 10:00", True),  # when it came there was before syncing began
        ("Offer", "open", "2025-06-01 00:00", False),
    ]
    assert stays(company, "closed") == [
        (None, "open", "2024-01-05 10:00", True),
        ("Lost", "lost", "2024-03-01 00:00", True),
    ]
    assert moments(company, "opportunities", "closed_at")["closed"] == "2024-03-01 00:00"
    assert company.problems() == []


def test_history_mode_of_the_deals_themselves_counts_each_deal_once_as_it_is_now(crm):
    old, now = {"_fivetran_active": False}, {"_fivetran_active": True}
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[
            deal("a", "New", **old, amount=50, _fivetran_start="2026-01-05 10:00"),
            deal("a", "Won", **now, outcome="won", amount=70, _fivetran_start="2026-02-05 10:00"),
            deal("gone", "New", **old, _fivetran_start="2026-01-05 10:00"),
            deal("gone", "Talk", **old, _fivetran_start="2026-01-08 10:00"),
        ],
    )
    assert company.by_key("opportunities", "outcome", "amount_base", "is_deleted_in_source") == {
        "a": ("won", 70, False),
        "gone": ("open", 100, True),
    }
    assert stays(company, "a")[1] == ("Won", "won", "2026-02-05 10:00", False)
    assert company.problems() == []


def test_without_a_log_a_closed_deal_has_an_unknown_stay_and_a_closing_in_the_zone_of_the_company(crm):
    company = crm(
        own=OWN,
        without=("opportunity_history", "opportunity_field_history", "opportunity_stage"),
        account=[ACCOUNT],
        organization=NEW_YORK,
        opportunity=[
            deal("open", "Talk"),
            deal("dated", "Won", outcome="won", close_date="2026-02-01", last_modified_date="2026-03-01 12:00"),
            deal("ahead", "Won", outcome="won", close_date="2026-12-31", last_modified_date="2026-03-01 12:00"),
            deal("same day", "Lost", outcome="lost", close_date="2026-01-05", loss_reason_c="price"),
            deal("known", "Won", outcome="won", last_stage_change_date="2026-02-07 11:00"),
        ],
    )
    assert stays(company, "open") == [("Talk", "open", "2026-01-05 10:00", True)]
    assert stays(company, "dated") == [
        (None, "open", "2026-01-05 10:00", True),
        ("Won", "won", "2026-02-01 05:00", True),
    ]
    assert moments(company, "opportunities", "closed_at") == {
        "open": None,
        "dated": "2026-02-01 05:00",  # midnight in New York
        "ahead": "2026-03-01 12:00",  # not after it was last written
        "same day": "2026-01-05 10:00",  # not before it was opened
        "known": "2026-02-07 11:00",
    }
    assert company.by_key("opportunities", "lost_reason")["same day"] == "price"
    assert company.mapped.manifest.settings["fiscal_year_start_month"] == 2
    assert company.problems() == []


def test_a_log_that_does_not_reach_the_present_stage_is_ended_by_it(crm):
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[deal("a", "Won", outcome="won", last_stage_change_date="2026-05-01 09:00")],
        opportunity_history=history("a", ("New", "2026-01-05 10:00"), ("Offer", "2026-02-05 10:00")),
    )
    assert stays(company, "a")[-1] == ("Won", "won", "2026-05-01 09:00", True)
    assert company.problems() == []


def test_amounts_are_divided_by_the_rate_of_the_close_date(crm):
    company = crm(
        account=[ACCOUNT],
        opportunity=[
            deal("home", "Talk", currency_iso_code="EUR"),
            deal("dated", "Talk", currency_iso_code="USD", close_date="2026-02-10"),
            deal("later", "Talk", currency_iso_code="USD", close_date="2026-03-10"),
            deal("plain", "Talk", currency_iso_code="GBP"),
        ],
        currency_type=[
            {"id": "1", "iso_code": "EUR", "conversion_rate": 1, "is_corporate": True},
            {"id": "2", "iso_code": "USD", "conversion_rate": 1.5, "is_corporate": False},
            {"id": "3", "iso_code": "GBP", "conversion_rate": 0.8, "is_corporate": False},
        ],
        dated_conversion_rate=[
            {"id": "1", "iso_code": "USD", "conversion_rate": 1.25, "start_date": "2026-01-01", "next_start_date": "2026-03-01"},
            {"id": "2", "iso_code": "USD", "conversion_rate": 2, "start_date": "2026-03-01", "next_start_date": "9999-12-31"},
        ],
    )  # fmt: skip
    found = company.by_key("opportunities", "amount_base")
    assert {key: round(value, 2) for key, value in found.items()} == {
        "home": 100,
        "dated": 80,
        "later": 50,
        "plain": 125,
    }
    assert company.mapped.manifest.settings["base_currency"] == "EUR"
    assert (
        company.by_key("fx_rates", "rate_to_base")[("GBP", min(k[1] for k in company.by_key("fx_rates", "source")))]
        == 1.25
    )
    assert company.problems() == []


def test_who_is_deleted_is_no_customer_and_a_deal_of_theirs_has_none(crm):
    company = crm(
        own=OWN,
        account=[
            {**ACCOUNT, "website": "HTTPS://www.Acme.com/", "billing_country": "Germany", "parent_id": "A2"},
            {"id": "A2", "name": "Gone", "is_deleted": True, "created_date": "2025-01-01"},
            {"id": "A3", "name": "Beta", "created_date": "2025-01-01", "billing_country": "Atlantis", "billing_country_code": "us"},
        ],
        contact=[
            {"id": "C1", "name": "Ann", "email": " Ann@Acme.com", "account_id": "A1", "created_date": "2025-01-01"},
            {"id": "C2", "name": "Bob", "account_id": "A2", "created_date": "2025-01-01"},
        ],
        user=[{"id": "U1", "name": "Una", "is_active": False, "user_role_id": "R1", "manager_id": "nobody"}],
        user_role=[{"id": "R1", "name": "North", "parent_role_id": "R0"}, {"id": "R0", "name": "All"}],
        opportunity=[deal("a", "Talk", account_id="A2", owner_id="U1"), deal("b", "Talk", owner_id="U1")],
        campaign=[{"id": "K", "name": "Old", "is_deleted": True}],
    )  # fmt: skip
    assert company.by_key("customers", "country", "parent_customer_id") == {"A1": ("DE", None), "A3": ("US", None)}
    assert company.by_key("customers", "x_domain") == {"A1": "acme.com", "A3": None}
    assert company.by_key("contacts", "customer_id") == {"C1": "A1", "C2": None}
    assert company.by_key("opportunities", "customer_id", "owner_id", "team_id") == {
        "a": (None, "U1", "R1"),
        "b": ("A1", "U1", "R1"),
    }
    assert company.by_key("users", "is_active", "manager_id") == {"U1": (False, None)}
    assert company.by_key("teams", "parent_team_id") == {"R1": "R0", "R0": None}
    assert company.problems() == []


def test_conversion_is_a_flag_and_happens_when_the_deal_is_made(crm):
    lead = {"created_date": "2026-01-03 09:00", "is_converted": False, "is_deleted": False}
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        user=[{"id": "U1", "name": "Una", "is_active": True}],
        opportunity=[deal("a", "Talk")],
        lead=[
            {**lead, "id": "L1", "email": "x@y.z", "status": "Qualified", "is_converted": True, "lead_source": "Trade Show",
             "converted_date": "2026-01-05 00:00", "converted_opportunity_id": "a", "converted_account_id": "A1"},
            {**lead, "id": "L2", "status": "Closed - Converted", "owner_id": "queue"},  # converted by its name only
            {**lead, "id": "L3", "status": "Unqualified", "owner_id": "U1"},
            {**lead, "id": "L4", "status": "Was wir so haben"},
            {**lead, "id": "L5", "is_deleted": True},
        ],
        task=[
            {"id": "T1", "who_id": "L3", "task_subtype": "Call", "call_type": "Inbound", "is_closed": True,
             "created_date": "2026-01-03 09:30"},
            {"id": "T2", "who_id": "L3", "task_subtype": "Email", "is_closed": True, "created_date": "2026-01-03 10:00"},
            {"id": "T3", "who_id": "L4", "task_subtype": "Call", "is_closed": False, "created_date": "2026-01-03 10:00"},
        ],
    )  # fmt: skip
    assert company.by_key("leads", "status", "owner_id", "channel") == {
        "L1": ("converted", None, "event"),
        "L2": ("working", None, None),
        "L3": ("disqualified", "U1", None),
        "L4": ("working", None, None),
    }
    assert moments(company, "leads", "converted_at")["L1"] == "2026-01-05 10:00"
    assert moments(company, "leads", "first_response_at") == {
        "L1": None,
        "L2": None,
        "L3": "2026-01-03 10:00",
        "L4": None,
    }
    assert company.by_key("opportunities", "lead_id") == {"a": "L1"}
    assert company.problems() == []


def test_a_lead_is_converted_on_the_day_of_the_company_and_qualified_when_its_log_says(crm):
    lead = {"created_date": "2026-02-01 09:00", "is_converted": True, "status": "Closed - Converted"}
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        organization=NEW_YORK,
        opportunity=[deal("a", "Talk", "2026-03-01 02:30"), deal("b", "Talk", "2026-02-10 12:00")],
        lead=[
            {**lead, "id": "L1", "converted_date": "2026-02-28", "converted_opportunity_id": "a"},  # 21:30 in New York
            {**lead, "id": "L2", "converted_date": "2026-03-01"},  # into an account alone
            {
                **lead,
                "id": "L3",
                "converted_date": "2026-03-01",
                "converted_opportunity_id": "b",
            },  # into a deal that was there
        ],
        lead_history=[
            {"id": "1", "lead_id": "L1", "field": "Status", "new_value": "Working", "created_date": "2026-02-02 10:00"},
            {
                "id": "2",
                "lead_id": "L1",
                "field": "Status",
                "new_value": "Qualified",
                "created_date": "2026-02-05 10:00",
            },
            {
                "id": "3",
                "lead_id": "L1",
                "field": "Rating",
                "new_value": "Qualified",
                "created_date": "2026-02-03 10:00",
            },
            {
                "id": "4",
                "lead_id": "L1",
                "field": "Status",
                "new_value": "Qualified",
                "created_date": "2026-02-07 10:00",
            },
        ],
    )
    assert moments(company, "leads", "converted_at") == {
        "L1": "2026-03-01 02:30",
        "L2": "2026-03-01 05:00",
        "L3": "2026-03-01 05:00",
    }
    assert moments(company, "leads", "qualified_at") == {"L1": "2026-02-05 10:00", "L2": None, "L3": None}
    assert company.problems() == []


def test_of_the_versions_that_history_mode_keeps_the_present_one_counts(crm):
    def kept(**row):
        """An earlier version, and the one that holds."""
        return [{**row, "_fivetran_active": False}, {**row, "_fivetran_active": True}]

    company = crm(
        own=OWN,
        account=[ACCOUNT],
        contact=[{"id": "C1", "name": "Ann", "account_id": "A1", "created_date": "2025-01-01"}],
        opportunity=[deal("a", "Talk")],
        task=kept(id="T1", who_id="C1", is_closed=True, created_date="2026-02-01 10:00"),
        event=kept(id="E1", what_id="a", start_date_time="2026-02-03 10:00", created_date="2026-02-01"),
        case=kept(id="K1", account_id="A1", is_closed=False, status="New", created_date="2026-02-01 10:00"),
        campaign=kept(id="P1", name="Fair", type="Conference", actual_cost=100, start_date="2026-02-01", created_date="2026-01-01"),
        campaign_member=kept(id="M1", campaign_id="P1", contact_id="C1", has_responded=True, created_date="2026-02-01 10:00"),
        email_message=[{"id": "1", "parent_id": "K1", "incoming": False, "message_date": "2026-02-01 11:00"}],
        order=[{"id": "O1", "account_id": "A1", "status": "Activated", "effective_date": "2026-02-01", "total_amount": 80,
                "created_date": "2026-02-01"}],
        order_item=kept(id="I1", order_id="O1", quantity=1, unit_price=80, total_price=80),
    )  # fmt: skip
    tables = (
        "interactions",
        "tickets",
        "campaigns",
        "campaign_costs",
        "campaign_members",
        "touchpoints",
        "order_items",
    )
    assert {table: len(company.rows(table)) for table in tables} == dict.fromkeys(tables, 1) | {"interactions": 2}
    assert company.by_key("tickets", "replies") == {"K1": 1}
    assert company.problems() == []


def test_only_orders_are_revenue_and_a_reduction_order_takes_back(crm):
    order = {"account_id": "A1", "effective_date": "2026-02-10", "created_date": "2026-02-09", "is_deleted": False}
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        opportunity=[deal("a", "Won", outcome="won", amount=9999)],
        product_2=[{"id": "P", "name": "Thing", "is_active": True, "is_deleted": True}],
        order=[
            {**order, "id": "1", "status": "In production", "status_code": "Activated", "total_amount": 300},
            {**order, "id": "2", "status_code": "Draft", "total_amount": 1000},
            {**order, "id": "3", "status_code": "Activated", "total_amount": -50, "is_reduction_order": True},
            {**order, "id": "4", "status_code": "Activated", "total_amount": 7, "is_deleted": True},
        ],
        order_item=[
            {"id": "I1", "order_id": "1", "product_2_id": "P", "quantity": 3, "unit_price": 100, "total_price": 300},
            {"id": "I4", "order_id": "4", "product_2_id": "P", "quantity": 1, "unit_price": 7, "total_price": 7},
        ],
        opportunity_line_item=[
            {"id": "L1", "opportunity_id": "a", "product_2_id": "P", "quantity": 2, "total_price": 180},
            {"id": "L2", "opportunity_id": "a", "product_2_id": "P", "quantity": 1, "total_price": 1, "is_deleted": True},
        ],
    )  # fmt: skip
    assert company.by_key("orders", "status", "document") == {
        "1": ("confirmed", "order"),
        "2": ("draft", "order"),
        "3": ("confirmed", "credit_note"),
    }
    assert company.ask("revenue", "2026-02", as_of="2026-12-31").result.value == 250
    assert company.by_key("order_items", "net", "product_id") == {"I1": (300, "P")}
    assert company.by_key("opportunity_lines", "net_amount") == {"L1": 180}
    assert company.by_key("products", "is_active") == {"P": False}
    assert company.problems() == []


def test_a_member_of_a_campaign_is_touched_when_they_answer(crm):
    member = {"campaign_id": "K", "has_responded": False, "is_deleted": False, "created_date": "2026-03-01 10:00"}
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        contact=[{"id": "C1", "name": "Ann", "email": "ann@acme.com", "account_id": "A1", "created_date": "2025-01-01"}],
        lead=[{"id": "L1", "status": "New", "created_date": "2026-01-01"}],
        opportunity=[deal("a", "Talk", campaign_id="K")],
        campaign=[{"id": "K", "name": "Fair", "type": "Trade Show", "start_date": "2026-03-01", "budgeted_cost": 900,
                   "actual_cost": 1000, "created_date": "2026-01-01"}],
        campaign_member=[
            {**member, "id": "1", "contact_id": "C1", "has_responded": True, "first_responded_date": "2026-03-04"},
            {**member, "id": "2", "contact_id": "C1", "lead_id": "L1", "created_date": "2026-03-02 10:00"},
            {**member, "id": "3", "lead_id": "L1"},
            {**member, "id": "4", "lead_id": "unknown"},
            {**member, "id": "5", "lead_id": "L1", "is_deleted": True, "has_responded": True},
        ],
    )  # fmt: skip
    members = company.rows("campaign_members", "member_key", "customer_id")
    assert [(row["member_key"], row["customer_id"]) for row in members] == [("C1", "A1"), ("L1", None)]
    assert company.by_key("touchpoints", "kind", "channel") == {"1": ("event", "event")}
    assert moments(company, "touchpoints", "occurred_at") == {"1": "2026-03-04 00:00"}
    costs = {row["kind"]: (row["amount_base"], row["is_planned"]) for row in company.rows("campaign_costs")}
    assert costs == {"actual": (1000, False), "budget": (900, True)}
    assert company.problems() == []


def test_activities_are_rolled_up_and_series_and_copies_count_once(crm):
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        contact=[{"id": "C1", "name": "Ann", "account_id": "A1", "created_date": "2025-01-01"}],
        lead=[{"id": "L1", "status": "New", "created_date": "2026-01-01"}],
        opportunity=[deal("a", "Talk")],
        task=[
            {"id": "T1", "who_id": "C1", "task_subtype": "Call", "is_closed": True, "created_date": "2026-02-01 10:00",
             "completed_date_time": "2026-02-02 10:00", "activity_date": "2026-02-05"},
            {"id": "T2", "who_id": "L1", "is_closed": False, "created_date": "2026-02-01 10:00"},
            {"id": "T3", "what_id": "a", "is_recurrence": True, "created_date": "2026-02-01 10:00"},
        ],
        event=[
            {"id": "E1", "what_id": "a", "start_date_time": "2026-02-03 10:00", "end_date_time": "2026-02-03 11:00",
             "duration_in_minutes": 60, "created_date": "2026-02-01"},
            {"id": "E2", "what_id": "a", "is_child": True, "start_date_time": "2026-02-03 10:00", "created_date": "2026-02-01"},
        ],
    )  # fmt: skip
    assert company.by_key("interactions", "kind", "customer_id", "lead_id", "opportunity_id") == {
        "T1": ("call", "A1", None, None),
        "T2": ("task", None, "L1", None),
        "E1": ("meeting", "A1", None, "a"),
    }
    assert moments(company, "interactions", "occurred_at")["T1"] == "2026-02-02 10:00"
    assert moments(company, "interactions", "done_at")["T2"] is None
    assert company.problems() == []


def test_a_case_is_closed_by_its_flag_and_merged_and_doubled_ones_leave_the_counts(crm):
    case = {"account_id": "A1", "is_closed": False, "is_deleted": False, "created_date": "2026-02-01 10:00"}
    closed = {"is_closed": True, "closed_date": "2026-02-05 10:00"}
    company = crm(
        own=OWN,
        account=[ACCOUNT],
        user=[{"id": "U1", "name": "Una", "user_type": "Standard"}, {"id": "P", "name": "Portal", "user_type": "PowerCustomerSuccess"}],
        case=[
            {**case, "id": "1", "status": "Erledigt", "type": "Complaint", "origin": "Phone", **closed},
            {**case, "id": "2", "status": "On Hold"},
            {**case, "id": "3", "status": "Duplicate", **closed},
            {**case, "id": "4", "status": "Merged", "is_deleted": True, "master_record_id": "1"},
            {**case, "id": "5", "status": "New", "is_deleted": True},
        ],
        email_message=[
            {"id": "E1", "parent_id": "1", "incoming": True, "message_date": "2026-02-01 10:05"},
            {"id": "E2", "parent_id": "1", "incoming": False, "message_date": "2026-02-01 12:00"},
        ],
        case_comment=[
            {"id": "M1", "parent_id": "1", "created_by_id": "U1", "is_published": False, "created_date": "2026-02-01 10:30"},
            {"id": "M2", "parent_id": "1", "created_by_id": "P", "is_published": True, "created_date": "2026-02-01 10:40"},
            {"id": "M3", "parent_id": "1", "created_by_id": "U1", "is_published": True, "created_date": "2026-02-01 11:00"},
        ],
        case_history=[
            {"id": "H1", "case_id": "1", "field": "Status", "old_value": "Erledigt", "new_value": "New"},
            {"id": "H2", "case_id": "1", "field": "Status", "old_value": "New", "new_value": "Erledigt"},
        ],
    )  # fmt: skip
    assert company.by_key("tickets", "status", "is_complaint", "reopened_count", "channel") == {
        "1": ("closed", True, 1, "phone"),
        "2": ("pending", False, 0, None),
        "3": ("void", False, 0, None),
        "4": ("void", False, 0, None),
    }
    assert moments(company, "tickets", "first_response_at")["1"] == "2026-02-01 11:00"
    assert company.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_published_schema_is_read_and_every_row_is_there(kind, tmp_path):
    company = company_of("salesforce", kind, tmp_path)
    told = truths()["salesforce_opportunity_flags"]["value"]
    counts = {(won == "t", closed == "t"): (int(n), float(amount)) for won, closed, _, n, amount in told}
    outcomes = {(False, False): "open", (False, True): "lost", (True, True): "won"}
    found = company.rows("opportunities", "outcome", "amount", "is_deleted_in_source")
    for flags, (n, amount) in counts.items():
        mine = [row for row in found if row["outcome"] == outcomes[flags]]
        assert (len(mine), sum(row["amount"] or 0 for row in mine)) == (n, amount)
    assert all(row["is_deleted_in_source"] for row in found)
    [[leads, converted]] = truths()["salesforce_lead"]["value"]
    statuses = [row["status"] for row in company.rows("leads", "status")]
    assert (len(statuses), statuses.count("converted")) == (int(leads), int(converted))
    assert company.problems("not_mapped", "missing_value") == []
