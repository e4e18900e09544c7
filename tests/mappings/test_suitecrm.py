"""SuiteCRM: every rule of its mapping on invented rows, and figures of a real database where one is at hand."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import servers
from tests.mappings.native import Native, reading

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "crm_dbs"
SCHEMA = """
accounts: id text, name text, date_entered moment, date_modified moment, deleted whole, assigned_user_id text, account_type text, industry text, employees text, phone_office text, billing_address_city text, billing_address_state text, billing_address_country text, parent_id text, campaign_id text
contacts: id text, first_name text, last_name text, title text, phone_work text, phone_mobile text, date_entered moment, date_modified moment, deleted whole
accounts_contacts: id text, contact_id text, account_id text, date_modified moment, deleted whole
users: id text, user_name text, first_name text, last_name text, status text, is_group whole, reports_to_id text, date_modified moment, deleted whole
email_addresses: id text, email_address text, opt_out whole, confirm_opt_in text, deleted whole
email_addr_bean_rel: id text, email_address_id text, bean_id text, bean_module text, primary_address whole, deleted whole
leads: id text, first_name text, last_name text, account_name text, status text, converted whole, lead_source text, account_id text, contact_id text, opportunity_id text, campaign_id text, assigned_user_id text, date_entered moment, date_modified moment, deleted whole
leads_audit: id text, parent_id text, date_created moment, field_name text, before_value_string text, after_value_string text
opportunities: id text, name text, date_entered moment, date_modified moment, deleted whole, assigned_user_id text, opportunity_type text, campaign_id text, lead_source text, amount float, amount_usdollar float, currency_id text, date_closed day, sales_stage text, probability float
opportunities_audit: id text, parent_id text, date_created moment, created_by text, field_name text, before_value_string text, after_value_string text
accounts_opportunities: id text, opportunity_id text, account_id text, date_modified moment, deleted whole
opportunities_contacts: id text, contact_id text, opportunity_id text, contact_role text, deleted whole
currencies: id text, iso4217 text, conversion_rate float, status text, deleted whole, date_modified moment
campaigns: id text, name text, campaign_type text, status text, start_date day, end_date day, date_entered moment, date_modified moment, assigned_user_id text, currency_id text, budget float, expected_cost float, actual_cost float, expected_revenue float, objective text, survey_id text, deleted whole
campaign_log: id text, campaign_id text, target_tracker_key text, target_id text, target_type text, activity_type text, activity_date moment, hits whole, list_id text, date_modified moment, deleted whole
prospects: id text, lead_id text, deleted whole
prospect_lists: id text, list_type text, deleted whole
aos_invoices: id text, number whole, status text, billing_account_id text, billing_contact_id text, assigned_user_id text, invoice_date day, quote_date day, currency_id text, subtotal_amount decimal, subtotal_amount_usdollar decimal, discount_amount decimal, tax_amount decimal, tax_amount_usdollar decimal, shipping_amount decimal, shipping_amount_usdollar decimal, shipping_tax_amt decimal, shipping_tax_amt_usdollar decimal, total_amount decimal, total_amount_usdollar decimal, date_entered moment, date_modified moment, deleted whole
aos_quotes: id text, opportunity_id text, deleted whole
aos_quotes_aos_invoices_c: id text, aos_quotes77d9_quotes_ida text, aos_quotes6b83nvoices_idb text, deleted whole
aos_products_quotes: id text, parent_type text, parent_id text, product_id text, name text, product_qty decimal, product_unit_price decimal, product_unit_price_usdollar decimal, product_discount_amount decimal, product_total_price decimal, product_total_price_usdollar decimal, date_modified moment, deleted whole
aos_products: id text, name text, part_number text, maincode text, category text, type text, price decimal, cost decimal, currency_id text, aos_product_category_id text, date_modified moment, deleted whole
aos_product_categories: id text, name text, parent_category_id text, deleted whole
cases: id text, name text, type text, status text, state text, priority text, account_id text, contact_created_by_id text, assigned_user_id text, date_entered moment, date_modified moment, deleted whole
cases_audit: id text, parent_id text, date_created moment, field_name text, before_value_string text, after_value_string text
contacts_cases: id text, contact_id text, case_id text, deleted whole
aop_case_updates: id text, case_id text, contact_id text, internal whole, date_entered moment, deleted whole
calls: id text, name text, direction text, status text, parent_type text, parent_id text, assigned_user_id text, date_start moment, duration_hours whole, duration_minutes whole, date_entered moment, date_modified moment, deleted whole
calls_contacts: id text, call_id text, contact_id text, deleted whole
meetings: id text, name text, status text, parent_type text, parent_id text, assigned_user_id text, date_start moment, duration_hours whole, duration_minutes whole, date_entered moment, date_modified moment, deleted whole
meetings_contacts: id text, meeting_id text, contact_id text, deleted whole
tasks: id text, name text, status text, parent_type text, parent_id text, contact_id text, assigned_user_id text, date_due moment, date_entered moment, date_modified moment, deleted whole
notes: id text, name text, parent_type text, parent_id text, contact_id text, assigned_user_id text, date_entered moment, date_modified moment, deleted whole
emails: id text, name text, type text, status text, parent_type text, parent_id text, assigned_user_id text, date_sent_received moment, date_entered moment, date_modified moment, deleted whole
emails_beans: id text, email_id text, bean_id text, bean_module text, deleted whole
surveys: id text, name text, date_entered moment, date_modified moment, deleted whole
surveyquestions: id text, name text, type text, survey_id text, deleted whole
surveyresponses: id text, survey_id text, account_id text, contact_id text, campaign_id text, date_entered moment, date_modified moment, deleted whole
surveyquestionresponses: id text, answer text, surveyquestion_id text, surveyresponse_id text, date_modified moment, deleted whole
securitygroups: id text, name text, date_modified moment, deleted whole
securitygroups_users: id text, user_id text, securitygroup_id text, primary_group whole, deleted whole
"""
OWN = """
[settings]
base_currency = "USD"
timezone = "UTC"
"""
BEGAN = "2026-01-05 09:00"
LAST = "2026-06-30 12:00"
native = reading("suitecrm", SCHEMA, "sqlite", "mariadb")


@pytest.fixture
def crm(native):
    """`crm(table=rows, ...)`: rows are not deleted, have an id and were entered on 5 January 2026 if nothing else is said."""

    def make(own: str = OWN, without: tuple[str, ...] = (), **rows: list[dict]) -> Native:
        known = {line.partition(":")[0].strip(): line.partition(":")[2] for line in SCHEMA.strip().splitlines()}
        made = {}
        for table, given in rows.items():
            usual = {"deleted": 0, "date_entered": BEGAN, "date_modified": LAST}
            usual = {name: value for name, value in usual.items() if f" {name} " in known[table]}
            made[table] = [usual | {"id": f"{table}-{number}"} | row for number, row in enumerate(given, start=1)]
        return native(own=own, without=without, **made)

    return make


def deal(stage: str = "Prospecting", **more: object) -> dict:
    usual = {"id": "d", "name": "Deal", "currency_id": "-99", "amount": 100, "amount_usdollar": 100, "probability": 10}
    return usual | {"sales_stage": stage, "date_closed": "2026-12-31"} | more


def moved(at: str, was: str, becomes: str, deal_id: str = "d", field: str = "sales_stage", **more: object) -> dict:
    values = {"before_value_string": was, "after_value_string": becomes}
    return {"parent_id": deal_id, "date_created": at, "created_by": "u", "field_name": field} | values | more


def stays(company: Native, deal_id: str = "d") -> list[tuple]:
    """(stage, outcome, entered, left) of one deal, moments as text."""
    names = ("opportunity_id", "seq", "stage_id", "outcome", "entered_at", "left_at")
    rows = [row for row in company.rows("stage_history", *names) if row["opportunity_id"] == deal_id]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    return [
        (row["stage_id"], row["outcome"], f"{row['entered_at']:%m-%d}", row["left_at"] and f"{row['left_at']:%m-%d}")
        for row in rows
    ]


def closed(company: Native) -> dict:
    """Outcome and closing moment as text of each deal."""
    found = company.by_key("opportunities", "outcome", "closed_at")
    return {key: (outcome, at and f"{at:%m-%d %H:%M}") for key, (outcome, at) in found.items()}


def test_the_first_stage_is_the_one_that_the_first_change_left(crm):
    company = crm(
        users=[{"id": "u", "last_name": "Ann"}],
        opportunities=[deal("Closed Won")],
        opportunities_audit=[
            moved("2026-01-20 10:00", "Prospecting", "Qualification"),
            moved("2026-03-01 10:00", "Qualification", "Closed Won"),
            moved("2026-03-01 10:00", "10", "100", field="probability"),
        ],
    )
    assert stays(company) == [
        ("Prospecting", "open", "01-05", "01-20"),
        ("Qualification", "open", "01-20", "03-01"),
        ("Closed Won", "won", "03-01", None),
    ]
    assert closed(company) == {"d": ("won", "03-01 10:00")}
    assert company.by_key("stage_history", "is_reconstructed", "is_initial", "changed_by") == {
        ("d", 1): (False, True, None),
        ("d", 2): (False, False, "u"),
        ("d", 3): (False, False, "u"),
    }
    assert company.problems() == []


def test_a_deal_is_closed_when_the_log_says_so_and_not_on_its_forecast(crm):
    company = crm(
        opportunities=[deal("Closed Lost", date_closed="2026-02-01")],
        opportunities_audit=[moved("2026-04-10 15:00", "Prospecting", "Closed Lost")],
    )
    assert closed(company) == {"d": ("lost", "04-10 15:00")}
    assert str(company.by_key("opportunities", "expected_close_date")["d"]) == "2026-02-01"
    assert company.ask("win_rate", "2026-04").result.n == 1
    assert company.ask("win_rate", "2026-02").result.n == 0


def test_losing_reopening_and_winning_are_stays_and_the_last_entry_closes(crm):
    company = crm(
        opportunities=[deal("Closed Won")],
        opportunities_audit=[
            moved("2026-02-01 10:00", "Proposal/Price Quote", "Closed Lost"),
            moved("2026-02-10 10:00", "Closed Lost", "Negotiation/Review"),
            moved("2026-03-01 10:00", "Negotiation/Review", "Closed Won"),
        ],
    )
    assert [(stage, outcome) for stage, outcome, _, _ in stays(company)] == [
        ("Proposal/Price Quote", "open"),
        ("Closed Lost", "lost"),
        ("Negotiation/Review", "open"),
        ("Closed Won", "won"),
    ]
    assert closed(company) == {"d": ("won", "03-01 10:00")}
    assert [row["is_backward"] for row in company.rows("stage_history", "is_backward")] == [False, False, True, False]
    assert company.problems("unknown_reference") == []


def test_rows_of_one_moment_are_one_change(crm):
    moment = "2026-02-01 10:00"
    company = crm(
        opportunities=[deal("Closed Won")],
        opportunities_audit=[
            moved(moment, "Needs Analysis", "Closed Won", id="a"),
            moved(moment, "Prospecting", "Qualification", id="b"),
            moved(moment, "Qualification", "Needs Analysis", id="c"),
        ],
    )
    assert stays(company) == [("Prospecting", "open", "01-05", "02-01"), ("Closed Won", "won", "02-01", None)]
    assert company.problems("unknown_reference") == []


def test_a_change_that_is_logged_twice_is_one_stay(crm):
    company = crm(
        opportunities=[deal("Closed Won")],
        opportunities_audit=[
            moved("2026-02-01 10:00:00", "Prospecting", "Closed Won"),
            moved("2026-02-01 10:00:00", "Prospecting", "Closed Won"),
            moved("2026-02-03 10:00:00", "Prospecting", "Closed Won"),
        ],
    )
    assert stays(company) == [("Prospecting", "open", "01-05", "02-01"), ("Closed Won", "won", "02-01", None)]
    assert closed(company) == {"d": ("won", "02-01 10:00")}


def test_back_and_forth_within_one_moment_is_no_change(crm):
    moment = "2026-02-01 10:00"
    company = crm(
        opportunities=[deal("Prospecting")],
        opportunities_audit=[moved(moment, "Prospecting", "Closed Won"), moved(moment, "Closed Won", "Prospecting")],
    )
    assert stays(company) == [("Prospecting", "open", "01-05", None)]
    assert closed(company) == {"d": ("open", None)}


def test_without_a_log_an_open_deal_is_where_it_is_since_it_began(crm):
    company = crm(opportunities=[deal("Qualification")])
    assert stays(company) == [("Qualification", "open", "01-05", None)]
    assert company.by_key("stage_history", "is_reconstructed") == {("d", 1): True}
    assert company.problems() == []


@pytest.mark.parametrize(
    ("day", "closed_at"),
    [
        ("2026-03-01", "03-01 00:00"),
        ("2025-11-30", "01-05 09:00"),
        ("2027-01-01", "06-30 12:00"),
        (None, "06-30 12:00"),
    ],
)
def test_without_a_log_a_closing_is_told_by_its_day_within_the_life_of_the_row(crm, day, closed_at):
    company = crm(opportunities=[deal("Closed Won", date_closed=day)])
    assert closed(company) == {"d": ("won", closed_at)}
    assert [row[:2] for row in stays(company)] == [(None, "open"), ("Closed Won", "won")]
    assert company.by_key("stage_history", "is_reconstructed") == {("d", 1): True, ("d", 2): True}
    assert company.problems() == []


def test_a_stage_that_was_changed_past_the_log_ends_the_history(crm):
    company = crm(
        opportunities=[deal("Closed Lost", date_closed="2026-05-01")],
        opportunities_audit=[moved("2026-02-01 10:00", "Prospecting", "Qualification")],
    )
    assert stays(company) == [
        ("Prospecting", "open", "01-05", "02-01"),
        ("Qualification", "open", "02-01", "05-01"),
        ("Closed Lost", "lost", "05-01", None),
    ]
    assert closed(company) == {"d": ("lost", "05-01 00:00")}
    assert company.by_key("stage_history", "is_reconstructed")[("d", 3)] is True
    assert company.problems("unknown_reference") == []


def test_a_deal_that_was_closed_from_the_beginning_closed_then(crm):
    own = OWN + '[stage_outcomes]\n"Paid" = "won"\n'
    company = crm(
        own=own,
        opportunities=[deal("Paid")],
        opportunities_audit=[moved("2026-02-01 10:00", "Closed Won", "Paid")],
    )
    assert [(stage, outcome) for stage, outcome, _, _ in stays(company)] == [("Closed Won", "won"), ("Paid", "won")]
    assert closed(company) == {"d": ("won", "01-05 09:00")}


def test_the_amount_of_a_stay_is_what_it_was_then(crm):
    company = crm(
        opportunities=[deal("Negotiation/Review", amount_usdollar=300)],
        opportunities_audit=[
            moved("2026-02-01 10:00", "Prospecting", "Qualification"),
            moved("2026-02-01 10:00", "100", "200", field="amount_usdollar"),
            moved("2026-03-01 10:00", "Qualification", "Negotiation/Review"),
            moved("2026-04-01 10:00", "200", "300", field="amount_usdollar"),
        ],
    )
    assert [row["amount_base_at"] for row in company.rows("stage_history", "amount_base_at")] == [100, 200, 200]


def test_amounts_are_in_the_base_currency_by_the_twin_column_whose_name_says_dollars(crm):
    company = crm(
        own=OWN.replace("USD", "CHF"),
        currencies=[{"id": "eur", "iso4217": "EUR", "conversion_rate": 0.8, "status": "Active"}],
        opportunities=[
            deal(id="a", currency_id="eur", amount=80, amount_usdollar=100),
            deal(id="b", currency_id="", amount=50, amount_usdollar=50),
            deal(id="c", currency_id="eur", amount=40, amount_usdollar=None),
        ],
    )
    assert company.by_key("opportunities", "amount", "currency", "amount_base") == {
        "a": (80, "EUR", 100),
        "b": (50, "CHF", 50),
        "c": (40, "EUR", 50),
    }
    assert [(row["currency"], row["rate_to_base"]) for row in company.rows("fx_rates", "currency", "rate_to_base")] == [
        ("EUR", 1.25)
    ]


def test_a_link_that_was_taken_back_does_not_name_the_customer(crm):
    company = crm(
        accounts=[
            {"id": "old", "name": "Old"},
            {"id": "new", "name": "New"},
            {"id": "gone", "name": "Gone", "deleted": 1},
        ],
        opportunities=[deal(), deal(id="e"), deal(id="f"), deal(id="g", deleted=1)],
        accounts_opportunities=[
            {"opportunity_id": "d", "account_id": "old", "deleted": 1, "date_modified": "2026-05-01"},
            {"opportunity_id": "d", "account_id": "new", "date_modified": "2026-04-01"},
            {"opportunity_id": "e", "account_id": "new", "date_modified": "2026-01-01"},
            {"opportunity_id": "e", "account_id": "old", "date_modified": "2026-05-01"},
            {"opportunity_id": "f", "account_id": "gone"},
        ],
    )
    assert company.by_key("opportunities", "customer_id") == {"d": "new", "e": "old", "f": None}
    assert set(company.by_key("customers", "name")) == {"old", "new"}
    assert company.problems() == []


def test_stages_of_the_company_mean_what_its_file_says(crm):
    own = OWN + '[stage_outcomes]\n"Gewonnen" = "won"\n"Abgesagt" = "void"\n'
    company = crm(
        own=own,
        opportunities=[deal("Gewonnen"), deal("Abgesagt", id="e"), deal("Prospecting", id="f"), deal("", id="g")],
        opportunities_audit=[moved("2026-02-01 10:00", "Alte Stufe", "Gewonnen")],
    )
    assert {key: outcome for key, (outcome, _) in closed(company).items()} == {
        "d": "won",
        "e": "void",
        "f": "open",
        "g": "open",
    }
    assert company.by_key("pipelines_stages", "outcome") == {
        "Gewonnen": "won", "Abgesagt": "void", "Prospecting": "open", "Alte Stufe": None, "(none)": "open",
    }  # fmt: skip
    assert company.by_key("pipelines_stages", "position")["Gewonnen"] == 1000
    assert any("Alte Stufe" in line or "pipelines_stages.outcome" in line for line in company.problems())


def test_contacts_belong_to_accounts_and_have_their_primary_address(crm):
    company = crm(
        accounts=[{"id": "a", "name": "A", "billing_address_country": "Deutschland", "billing_address_state": "BY"}],
        contacts=[{"id": "c", "first_name": "Ann", "last_name": "Lee"}, {"id": "x", "last_name": "Gone", "deleted": 1}],
        accounts_contacts=[
            {"contact_id": "c", "account_id": "b", "deleted": 1},
            {"contact_id": "c", "account_id": "a"},
        ],
        email_addresses=[
            {"id": "1", "email_address": "second@x.example", "opt_out": 0},
            {"id": "2", "email_address": "Ann@X.example", "opt_out": 1, "confirm_opt_in": "opt-in"},
            {"id": "3", "email_address": "old@x.example", "deleted": 1},
            {"id": "4", "email_address": "office@x.example", "opt_out": 0, "confirm_opt_in": "confirmed-opt-in"},
        ],
        email_addr_bean_rel=[
            {"bean_id": "c", "bean_module": "Contacts", "email_address_id": "1", "primary_address": 0},
            {"bean_id": "c", "bean_module": "Contacts", "email_address_id": "2", "primary_address": 1},
            {"bean_id": "c", "bean_module": "Contacts", "email_address_id": "3", "primary_address": 1},
            {"bean_id": "c", "bean_module": "Contacts", "email_address_id": "1", "primary_address": 1, "deleted": 1},
            {"bean_id": "a", "bean_module": "Accounts", "email_address_id": "4", "primary_address": 1},
        ],
    )
    assert company.by_key("contacts", "customer_id", "full_name", "email", "opted_out") == {
        "c": ("a", "Ann Lee", "Ann@X.example", True)
    }
    assert company.by_key("customers", "country", "region", "email", "consent_marketing") == {
        "a": ("DE", "BY", "office@x.example", True)
    }
    assert company.problems() == []


def test_a_lead_is_converted_by_its_status_or_its_flag_and_the_conflict_is_told(crm):
    company = crm(
        opportunities=[deal(date_entered="2026-02-02 10:00")],
        leads=[
            {"id": "both", "status": "Converted", "converted": 1, "opportunity_id": "d", "lead_source": "Trade Show"},
            {"id": "status", "status": "Converted", "converted": 0},
            {"id": "flag", "status": "In Process", "converted": 1},
            {"id": "dead", "status": "Dead", "converted": 0, "lead_source": "Web Site"},
            {"id": "new", "status": "", "converted": 0},
            {"id": "gone", "status": "New", "deleted": 1},
        ],
        leads_audit=[
            {
                "parent_id": "flag",
                "field_name": "status",
                "date_created": "2026-03-03",
                "after_value_string": "Converted",
            }
        ],
    )
    found = company.by_key("leads", "status", "channel", "converted_opportunity_id", "converted_at")
    assert {key: (row[0], row[1], row[2], row[3] and f"{row[3]:%m-%d}") for key, row in found.items()} == {
        "both": ("converted", "event", "d", "02-02"),
        "status": ("converted", None, None, None),
        "flag": ("converted", None, None, "03-03"),
        "dead": ("disqualified", "website", None, None),
        "new": ("new", None, None, None),
    }
    assert company.by_key("opportunities", "lead_id", "channel")["d"] == ("both", "event")
    assert company.problems() == []


def test_invoices_are_the_orders_net_of_tax_in_the_base_currency(crm):
    company = crm(
        accounts=[{"id": "a", "name": "A"}],
        contacts=[{"id": "c", "last_name": "Lee"}],
        accounts_contacts=[{"contact_id": "c", "account_id": "a"}],
        currencies=[{"id": "eur", "iso4217": "EUR", "conversion_rate": 0.5, "status": "Active"}],
        opportunities=[deal()],
        aos_quotes=[{"id": "q", "opportunity_id": "d"}],
        aos_quotes_aos_invoices_c=[{"aos_quotes77d9_quotes_ida": "q", "aos_quotes6b83nvoices_idb": "i1"}],
        aos_invoices=[
            {"id": "i1", "status": "Paid", "billing_account_id": "a", "invoice_date": "2026-03-31", "currency_id": "-99",
             "subtotal_amount": 90, "subtotal_amount_usdollar": 90, "discount_amount": -10, "tax_amount": 17, "shipping_amount": 5,
             "total_amount": 112, "total_amount_usdollar": 112},
            {"id": "i2", "status": "Unpaid", "billing_contact_id": "c", "invoice_date": "2026-03-01", "currency_id": "eur",
             "subtotal_amount": 40, "subtotal_amount_usdollar": 80, "total_amount": 40, "total_amount_usdollar": 80},
            {"id": "i3", "status": "Paid", "billing_account_id": "a", "invoice_date": "2026-03-02", "currency_id": "eur",
             "total_amount": 25, "total_amount_usdollar": 50, "tax_amount": 5, "tax_amount_usdollar": 10},
            {"id": "i4", "status": "Cancelled", "billing_account_id": "a", "invoice_date": "2026-03-02", "total_amount": 1000,
             "total_amount_usdollar": 1000},
            {"id": "i5", "status": "Paid", "billing_account_id": "a", "total_amount": 1000, "deleted": 1},
        ],
        aos_products=[{"id": "p", "name": "Box", "part_number": "B-1", "price": 60, "aos_product_category_id": "k"},
                      {"id": "old", "name": "Old", "deleted": 1}],
        aos_product_categories=[{"id": "k", "name": "Boxes"}],
        aos_products_quotes=[
            {"id": "l1", "parent_type": "AOS_Invoices", "parent_id": "i1", "product_id": "p", "name": "Box", "product_qty": 2,
             "product_unit_price": 40, "product_unit_price_usdollar": 40, "product_discount_amount": -5, "product_total_price": 80},
            {"id": "l2", "parent_type": "AOS_Invoices", "parent_id": "i1", "name": "Work", "product_unit_price": 10, "product_total_price": 10},
            {"id": "l3", "parent_type": "AOS_Quotes", "parent_id": "q", "product_id": "p", "product_qty": 9, "product_unit_price": 9},
            {"id": "l4", "parent_type": "AOS_Invoices", "parent_id": "i1", "product_qty": 9, "product_unit_price": 9, "deleted": 1},
            {"id": "l5", "parent_type": "AOS_Invoices", "parent_id": "i3", "product_id": "old", "product_qty": 4, "product_total_price": 20},
        ],
    )  # fmt: skip
    assert company.by_key("orders", "customer_id", "status", "currency", "net", "net_base", "fx_to_base") == {
        "i1": ("a", "confirmed", "USD", 90, 90, 1),
        "i2": ("a", "confirmed", "EUR", 40, 80, 2),
        "i3": ("a", "confirmed", "EUR", 20, 40, 2),
        "i4": ("a", "cancelled", "USD", 1000, 1000, 1),
    }
    assert company.by_key("orders", "opportunity_id", "gross", "tax", "shipping", "document")["i1"] == (
        "d",
        100,
        17,
        5,
        "invoice",
    )
    assert company.by_key("order_items", "order_id", "product_id", "quantity", "unit_price", "net", "net_base") == {
        "l1": ("i1", "p", 2, 45, 80, 80),
        "l2": ("i1", None, 1, 10, 10, 10),
        "l5": ("i3", None, 4, 5, 20, 40),
    }
    assert company.by_key("products", "sku", "category", "is_service") == {"p": ("B-1", "Boxes", False)}
    assert company.ask("revenue", "2026-03").result.value == 210
    assert company.problems() == []


def test_the_day_of_an_invoice_is_a_day_of_the_company(crm):
    own = OWN.replace("UTC", "Asia/Shanghai")
    invoice = {"status": "Paid", "invoice_date": "2026-04-01", "total_amount": 10, "total_amount_usdollar": 10}
    company = crm(own=own, accounts=[{"id": "a", "name": "A"}], aos_invoices=[invoice | {"billing_account_id": "a"}])
    assert company.ask("revenue", "2026-04").result.value == 10


def test_what_a_campaign_cost_is_told_apart_from_what_was_planned(crm):
    company = crm(
        currencies=[{"id": "eur", "iso4217": "EUR", "conversion_rate": 0.5}],
        campaigns=[
            {"id": "k", "name": "K", "campaign_type": "NewsLetter", "start_date": "2026-02-01", "currency_id": "eur",
             "budget": 100, "expected_cost": 0, "actual_cost": 40, "expected_revenue": 500},
            {"id": "gone", "name": "Gone", "actual_cost": 9, "deleted": 1},
        ],
    )  # fmt: skip
    assert company.by_key("campaigns", "channel", "expected_revenue_base") == {"k": ("email", 1000)}
    costs = company.rows("campaign_costs", "kind", "amount", "amount_base", "is_planned", "currency")
    assert [tuple(row.values()) for row in costs] == [
        ("actual", 40, 80, False, "EUR"),
        ("budget", 100, 200, True, "EUR"),
    ]
    assert company.problems() == []


def logged(kind: str, at: str, key: str, target: str = "c", module: str = "Contacts") -> dict:
    """An event of a campaign with the key that the application gives to each message."""
    return {
        "campaign_id": "k",
        "target_id": target,
        "target_type": module,
        "activity_type": kind,
        "activity_date": at,
        "hits": 1,
        "target_tracker_key": key,
    }


def test_an_event_belongs_to_the_message_with_its_key_whichever_was_sent_last(crm):
    company = crm(
        contacts=[{"id": "c", "last_name": "Lee"}, {"id": "e", "last_name": "Fox"}],
        campaigns=[{"id": "k", "name": "K", "campaign_type": "Email"}],
        campaign_log=[
            logged("targeted", "2026-02-01 08:00", "1"),
            logged("targeted", "2026-02-08 08:00", "2"),
            logged("viewed", "2026-02-09 09:00", "1"),
            logged("link", "2026-02-09 09:01", "1"),
            logged("viewed", "2026-02-10 09:00", "2"),
            logged("send error", "2026-02-15 08:00", "3"),
            logged("targeted", "2026-02-01 08:00", "4", "e"),
            logged("targeted", "2026-02-01 08:00", "5", "e"),
            logged("invalid email", "2026-02-01 08:20", "5", "e"),
            logged("blocked", "2026-02-03 08:00", "6", "e"),
        ],
    )
    names = ("member_key", "first_sent_at", "sent_at", "delivered_at", "opened_at", "clicked_at", "bounced_at")
    found = [
        tuple(f"{v:%m-%d}" if hasattr(v, "year") else v for v in row.values())
        for row in company.rows("campaign_members", *names)
    ]
    assert found == [
        ("c", "02-01", "02-01", "02-01", "02-09", "02-09", None),
        ("c", "02-08", "02-08", "02-08", "02-10", None, None),
        ("c", "02-15", None, None, None, None, "02-15"),
        ("e", "02-01", "02-01", "02-01", None, None, None),
        ("e/2", "02-01", "02-01", None, None, None, "02-01"),
    ]
    assert company.problems() == []


def test_a_target_is_the_lead_that_it_became_and_a_lead_has_the_account_of_its_conversion(crm):
    company = crm(
        accounts=[{"id": "a", "name": "A"}],
        leads=[{"id": "l", "last_name": "Lee", "account_id": "a"}, {"id": "m", "last_name": "Mo"}],
        prospects=[{"id": "p", "lead_id": "l"}, {"id": "q"}],
        campaigns=[{"id": "k", "name": "K", "campaign_type": "Email"}],
        campaign_log=[
            logged(kind, at, who, who, module)
            for who, module in (("l", "Leads"), ("m", "Leads"), ("p", "Prospects"), ("q", "Prospects"))
            for kind, at in (("targeted", "2026-02-01 08:00"), ("viewed", "2026-02-02 08:00"))
        ],
    )
    expected = [("a", "l"), ("a", "l"), (None, "m"), (None, None)]
    for table in ("campaign_members", "touchpoints"):
        rows = company.rows(table, "customer_id", "lead_id")
        assert sorted((tuple(row.values()) for row in rows), key=str) == sorted(expected, key=str)


def test_the_log_of_a_campaign_becomes_one_row_for_each_person_and_send(crm):
    def event(kind: str, at: str, target: str = "c", **more: object) -> dict:
        return {
            "campaign_id": "k",
            "target_id": target,
            "target_type": "Contacts",
            "activity_type": kind,
            "activity_date": at,
            "hits": 1,
        } | more

    company = crm(
        accounts=[{"id": "a", "name": "A"}],
        contacts=[{"id": "c", "last_name": "Lee"}, {"id": "e", "last_name": "Fox"}, {"id": "t", "last_name": "Test"}],
        accounts_contacts=[{"contact_id": "c", "account_id": "a"}],
        campaigns=[{"id": "k", "name": "K", "campaign_type": "Email"}],
        prospect_lists=[{"id": "test", "list_type": "test"}, {"id": "all", "list_type": "default"}],
        campaign_log=[
            event("targeted", "2026-02-01 08:00", list_id="all"),
            event("viewed", "2026-02-01 09:00", hits=3),
            event("viewed", "2026-02-02 09:00"),
            event("link", "2026-02-01 09:01"),
            event("targeted", "2026-03-01 08:00"),
            event("removed", "2026-03-01 10:00"),
            event("targeted", "2026-02-01 08:00", "e"),
            event("invalid email", "2026-02-01 08:10", "e"),
            event("targeted", "2026-02-01 08:00", "t", list_id="test"),
            event("viewed", "2026-02-01 08:30", "e", deleted=1),
            event("contact", "2026-02-05 08:00", "x"),
        ],
    )
    names = (
        "member_key",
        "customer_id",
        "opens",
        "clicks",
        "sent_at",
        "delivered_at",
        "opened_at",
        "unsubscribed_at",
        "bounce_kind",
        "converted_at",
    )
    found = [
        tuple(f"{v:%m-%d}" if hasattr(v, "year") else v for v in row.values())
        for row in company.rows("campaign_members", *names)
    ]
    assert found == [
        ("c", "a", 4, 1, "02-01", "02-01", "02-01", None, None, None),
        ("c", "a", 0, 0, "03-01", "03-01", None, "03-01", None, None),
        ("e", None, 0, 0, "02-01", None, None, None, "hard", None),
        ("x", None, 0, 0, None, None, None, None, None, "02-05"),
    ]
    touches = company.rows("touchpoints", "kind", "channel")
    assert sorted(row["kind"] for row in touches) == ["click", "email", "email", "form"]
    assert company.problems() == []


def test_the_status_of_a_case_counts_and_not_its_state(crm):
    company = crm(
        accounts=[{"id": "a", "name": "A"}],
        cases=[
            {
                "id": "1",
                "name": "One",
                "status": "Closed_Closed",
                "state": "Open",
                "account_id": "a",
                "type": "Complaint",
            },
            {"id": "2", "name": "Two", "status": "Open_Pending Input", "state": "Closed"},
            {"id": "3", "name": "Three", "status": "Closed_Duplicate", "state": "Open"},
            {"id": "4", "name": "Four", "status": "", "state": "Closed"},
            {"id": "5", "name": "Five", "status": "Open_New", "deleted": 1},
        ],
        cases_audit=[
            {
                "parent_id": "1",
                "field_name": "status",
                "date_created": "2026-02-01",
                "before_value_string": "Open_New",
                "after_value_string": "Closed_Closed",
            },
            {
                "parent_id": "1",
                "field_name": "status",
                "date_created": "2026-02-05",
                "before_value_string": "Closed_Closed",
                "after_value_string": "Open_Assigned",
            },
            {
                "parent_id": "1",
                "field_name": "status",
                "date_created": "2026-03-01",
                "before_value_string": "Open_Assigned",
                "after_value_string": "Closed_Closed",
            },
        ],
        aop_case_updates=[
            {"case_id": "1", "date_entered": "2026-01-06 09:00", "contact_id": "somebody"},
            {"case_id": "1", "date_entered": "2026-01-06 10:00", "internal": 1},
            {"case_id": "1", "date_entered": "2026-01-07 09:00", "contact_id": ""},
            {"case_id": "1", "date_entered": "2026-01-08 09:00"},
        ],
    )
    found = company.by_key(
        "tickets", "status", "closed_at", "first_response_at", "reopened_count", "replies", "is_complaint"
    )
    one = tuple(f"{v:%m-%d}" if hasattr(v, "year") else v for v in found.pop("1"))
    assert one == ("closed", "03-01", "01-07", 1, 2, True)
    assert {key: row[0] for key, row in found.items()} == {"2": "pending", "3": "void", "4": "closed"}
    assert company.problems() == []


def test_what_is_only_planned_is_not_a_contact_and_does_not_move_the_end_of_the_data(crm):
    company = crm(
        accounts=[{"id": "a", "name": "A"}],
        contacts=[{"id": "c", "last_name": "Lee"}],
        accounts_contacts=[{"contact_id": "c", "account_id": "a"}],
        opportunities=[deal()],
        accounts_opportunities=[{"opportunity_id": "d", "account_id": "a"}],
        calls=[
            {"id": "held", "status": "Held", "direction": "Inbound", "date_start": "2026-02-01 10:00", "duration_minutes": 30,
             "parent_type": "Opportunities", "parent_id": "d"},
            {"id": "planned", "status": "Planned", "direction": "Outbound", "date_start": "2027-12-01 10:00"},
            {"id": "early", "status": "Held", "date_start": "2027-01-01 10:00"},
        ],
        meetings=[{"id": "met", "status": "Held", "date_start": "2026-02-02 10:00", "duration_hours": 1}],
        meetings_contacts=[{"meeting_id": "met", "contact_id": "c"}],
        tasks=[{"id": "task", "status": "Completed", "contact_id": "c", "date_modified": "2026-02-03"}],
        notes=[{"id": "note", "parent_type": "Contacts", "parent_id": "c", "date_entered": "2026-02-04"}],
        emails=[
            {"id": "mail", "type": "inbound", "date_sent_received": "2026-02-05", "parent_type": "Accounts", "parent_id": "a"},
            {"id": "draft", "type": "draft"},
        ],
    )  # fmt: skip
    found = company.by_key("interactions", "kind", "direction", "customer_id", "done_at")
    assert {key: (*row[:3], row[3] and f"{row[3]:%Y-%m-%d}") for key, row in found.items()} == {
        "held": ("call", "inbound", "a", "2026-02-01"),
        "planned": ("call", "outbound", None, None),
        "early": ("call", None, None, "2026-06-30"),
        "met": ("meeting", None, "a", "2026-02-02"),
        "task": ("task", None, "a", "2026-02-03"),
        "note": ("note", None, "a", "2026-02-04"),
        "mail": ("email", "inbound", "a", "2026-02-05"),
    }
    assert company.by_key("interactions", "duration_s")["held"] == 1800
    assert company.source().as_of.year == 2026
    assert company.problems() == []


def test_surveys_are_scored_by_the_questions_that_give_them_their_scale(crm):
    company = crm(
        accounts=[{"id": "a", "name": "A"}],
        contacts=[{"id": "c", "last_name": "Lee"}, {"id": "e", "last_name": "Fox"}],
        campaigns=[{"id": "k", "name": "Asked", "campaign_type": "Survey", "survey_id": "s"}],
        campaign_log=[
            {
                "campaign_id": "k",
                "target_id": who,
                "target_type": "Contacts",
                "activity_type": "targeted",
                "activity_date": "2026-02-01",
            }
            for who in ("c", "e")
        ],
        surveys=[{"id": "s", "name": "Asked"}, {"id": "gone", "name": "Gone", "deleted": 1}],
        surveyquestions=[
            {"id": "q1", "survey_id": "s", "type": "NPS", "name": "Recommend?"},
            {"id": "q0", "survey_id": "s", "type": "Rating", "name": "Stars"},
            {"id": "q2", "survey_id": "s", "type": "Text", "name": "Why?"},
        ],
        surveyresponses=[
            {
                "id": "r",
                "survey_id": "s",
                "account_id": "a",
                "contact_id": "c",
                "campaign_id": "k",
                "date_entered": "2026-02-03",
            }
        ],
        surveyquestionresponses=[
            {"surveyresponse_id": "r", "surveyquestion_id": "q1", "answer": "9"},
            {"surveyresponse_id": "r", "surveyquestion_id": "q0", "answer": "2"},
            {"surveyresponse_id": "r", "surveyquestion_id": "q2", "answer": "Fast"},
        ],
    )
    assert company.by_key("surveys", "kind", "scale_min", "scale_max") == {"s": ("nps", 0, 10)}
    assert company.by_key("survey_responses", "customer_id", "is_complete") == {
        "r": ("a", True),
        "sent k e": (None, False),
    }
    assert company.by_key("survey_answers", "score", "text") == {
        ("r", "q0"): (None, "2"),
        ("r", "q1"): (9, None),
        ("r", "q2"): (None, "Fast"),
    }
    assert company.ask("nps", "2026-02").result.value == 100
    assert company.problems() == []


def test_owners_who_left_stay_and_groups_are_teams(crm):
    company = crm(
        users=[
            {"id": "u", "first_name": "Ann", "last_name": "Lee", "status": "Active", "reports_to_id": "v"},
            {"id": "v", "user_name": "fox", "status": "Inactive", "deleted": 1},
        ],
        securitygroups=[{"id": "g", "name": "North"}, {"id": "x", "name": "Gone", "deleted": 1}],
        securitygroups_users=[
            {"user_id": "u", "securitygroup_id": "g"},
            {"user_id": "u", "securitygroup_id": "x", "primary_group": 1},
        ],
        opportunities=[deal(assigned_user_id="v"), deal(id="e", assigned_user_id="nobody")],
    )
    assert company.by_key("users", "name", "is_active", "team_id", "manager_id") == {
        "u": ("Ann Lee", True, "g", "v"),
        "v": ("fox", False, None, None),
    }
    assert company.by_key("opportunities", "owner_id") == {"d": "v", "e": None}
    assert company.by_key("teams", "name") == {"g": "North"}
    assert company.problems() == []


def test_the_company_itself_is_named_by_its_file(crm):
    own = OWN + '[value_maps.own_company]\n"a" = "yes"\n'
    company = crm(own=own, accounts=[{"id": "a", "name": "We"}, {"id": "b", "name": "They"}])
    assert company.by_key("customers", "is_own_company") == {"a": True, "b": False}


def test_a_sugarcrm_without_the_modules_of_suitecrm_is_read(crm):
    lacking = ("aos_invoices", "aos_quotes", "aos_quotes_aos_invoices_c", "aos_products_quotes", "aos_products", "aos_product_categories",
               "surveys", "surveyquestions", "surveyresponses", "surveyquestionresponses", "securitygroups", "securitygroups_users",
               "aop_case_updates", "cases.state", "cases.contact_created_by_id", "campaigns.survey_id", "email_addresses.confirm_opt_in",
               "emails.date_sent_received")  # fmt: skip
    company = crm(
        without=lacking,
        opportunities=[deal("Closed Won")],
        opportunities_audit=[moved("2026-02-01 10:00", "Prospecting", "Closed Won")],
        cases=[{"id": "1", "name": "One", "status": "Pending Input"}],
        users=[{"id": "u", "last_name": "Lee"}],
    )
    assert {"orders", "surveys"} <= set(company.mapped.lacking)
    assert company.by_key("tickets", "status") == {"1": "pending"}
    assert company.ask("win_rate", "2026-02").result.value == 1
    assert company.problems("not_mapped") == []


# Real data, where they are at hand


def samples(name: str) -> list[dict]:
    path = DATA / "history_samples" / f"suitecrm7_{name}.csv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    with path.open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def test_logs_that_the_application_wrote_become_contiguous_stays_that_end_at_the_present_stage(crm):
    deals = [
        {**row, "deleted": int(row["deleted"]), "date_modified": row["date_entered"]}
        for row in samples("opportunities")
    ]
    numbers = ("amount", "amount_usdollar", "probability")
    deals = [{**row, **{name: float(row[name]) for name in numbers}} for row in deals]
    log = [{key: value for key, value in row.items() if key != "data_type"} for row in samples("opportunities_audit")]
    company = crm(opportunities=deals, opportunities_audit=log, users=[{"id": "1", "last_name": "Admin"}])
    there = {row["id"]: row for row in deals if not row["deleted"]}
    changes = [row for row in log if row["field_name"] == "sales_stage" and row["parent_id"] in there]
    wins = {row["parent_id"]: row["date_created"] for row in changes if row["after_value_string"].startswith("Closed")}
    found = company.by_key("opportunities", "outcome", "closed_at")
    assert {key: str(at) for key, (_, at) in found.items() if key in wins} == wins
    unlogged = [key for key, row in there.items() if key not in {one["parent_id"] for one in changes}]
    is_closed = [key for key in unlogged if there[key]["sales_stage"].startswith("Closed")]
    stays_wanted = len(changes) + len(there) + len(is_closed)
    assert len(company.rows("stage_history", "seq")) == stays_wanted
    assert company.problems() == []


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Native:
    """The application's own demo company, on MariaDB."""
    folder = DATA / "suitecrm7_demo"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    server = servers.server("mariadb")
    if isinstance(server, str):
        pytest.skip(server)
    url = server.bare()
    engine = servers.create_engine(url)
    with gzip.open(folder / "suitecrm7_demo.mariadb.sql.gz") as file:
        text = file.read()
    command = client_for(engine.url)
    if command is None:
        pytest.skip("no mariadb client")
    subprocess.run(command, input=text, check=True)
    path = tmp_path_factory.mktemp("demo") / "company.toml"
    owner = f'allow_writing_account = "{engine.url.username}"'
    path.write_text(f'source = {json.dumps(url)}\nmapping = "suitecrm"\n{owner}\n{OWN}', encoding="utf-8")
    company = Native(url, path)
    yield company
    company.close()


def client_for(url) -> list[str] | None:
    """The command that loads a dump into the database of a URL."""
    client = shutil.which("mariadb") or shutil.which("mysql")
    if client is None:
        return None
    where = (
        [f"--socket={url.query['unix_socket']}"]
        if "unix_socket" in url.query
        else [f"--host={url.host}", f"--port={url.port}"]
    )
    password = [f"--password={url.password}"] if url.password else []
    return [client, *where, f"--user={url.username}", *password, "--default-character-set=utf8mb4", url.database]


def truth(name: str):
    return json.loads((DATA / "suitecrm7_demo" / "truths.json").read_text())["truths"][name]["value"]


@pytest.mark.engines
def test_the_demo_company_has_the_figures_of_native_sql(demo):
    count = {
        name: len(demo.rows(name))
        for name in ("customers", "contacts", "leads", "opportunities", "tickets", "orders", "order_items", "campaigns")
    }
    for name, wanted in (("customers", "accounts"), ("contacts", "contacts"), ("leads", "leads"), ("opportunities", "opps"),
                         ("tickets", "cases"), ("order_items", "invoice_lines"), ("campaigns", "campaigns")):  # fmt: skip
        assert count[name] == int(truth(wanted)), name
    assert (count["orders"], truth("invoices_by_status")) == (0, [])
    leads = demo.by_key("leads", "status_raw", "status")
    by_status = {}
    for raw, _ in leads.values():
        by_status[raw] = by_status.get(raw, 0) + 1
    assert by_status == {status: int(n) for status, n in truth("leads_by_status")}
    assert sum(status == "converted" for _, status in leads.values()) == int(truth("leads_status_converted"))
    deals = demo.by_key("opportunities", "stage_id", "outcome", "amount_base", "amount")
    by_stage = {}
    for stage, _, base, _ in deals.values():
        n, total = by_stage.get(stage, (0, 0))
        by_stage[stage] = n + 1, total + base
    assert by_stage == {stage: (int(n), float(total)) for stage, n, total in truth("opps_by_stage")}
    won = [row for row in deals.values() if row[1] == "won"]
    assert (len(won), sum(row[2] for row in won)) == (int(truth("won")), float(truth("won_amount_base_ccy")))
    assert sum(row[1] == "lost" for row in deals.values()) == int(truth("lost"))
    tickets = demo.by_key("tickets", "status_raw", "status")
    assert sum(raw.startswith("Closed") for raw, _ in tickets.values()) == int(truth("cases_closed_by_status"))
    assert sum(status == "void" for _, status in tickets.values()) == 9
    assert demo.problems() == []
