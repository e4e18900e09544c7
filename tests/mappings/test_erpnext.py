"""ERPNext: every rule of its mapping on invented rows, and the traps of its statuses, invoices and companies."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlalchemy import create_engine

from data_access.mappings.detect import detect
from tests.mappings import test_frappe_crm
from tests.mappings.native import Native, reading

USUAL = "creation moment, modified moment, owner text, docstatus whole"
CHILD = "parent text, parenttype text, idx whole"
SCHEMA = f"""
tabSingles: doctype text, field text, value text
tabCompany: name text, default_currency text
tabFiscal Year: name text, year_start_date day
tabUser: name text, email text, full_name text, enabled whole, user_type text
tabEmployee: name text, user_id text, reports_to text
tabTerritory: name text, parent_territory text
tabCustomer: name text, customer_name text, customer_type text, customer_group text, territory text, industry text, market_segment text, account_manager text, lead_name text, prospect_name text, email_id text, mobile_no text, customer_primary_address text, is_internal_customer whole, loyalty_program text, loyalty_program_tier text, disabled whole, {USUAL}
tabAddress: name text, city text, state text, country text
tabCountry: name text, code text
tabContact: name text, first_name text, last_name text, email_id text, mobile_no text, user text, unsubscribed whole, is_primary_contact whole, {USUAL}
tabDynamic Link: name text, link_doctype text, link_name text, {CHILD}
tabLead: name text, lead_name text, company_name text, email_id text, status text, source text, campaign_name text, lead_owner text, qualification_status text, qualified_on day, {USUAL}
tabOpportunity: name text, title text, customer_name text, company text, opportunity_from text, party_name text, contact_person text, opportunity_owner text, territory text, status text, sales_stage text, source text, campaign text, currency text, conversion_rate float, opportunity_amount decimal, total decimal, probability float, expected_closing day, order_lost_reason text, {USUAL}
tabOpportunity Item: name text, item_code text, qty decimal, amount decimal, {CHILD}
tabOpportunity Lost Reason Detail: name text, lost_reason text, {CHILD}
tabSales Stage: name text, stage_name text
tabVersion: name text, ref_doctype text, docname text, data text, creation moment, owner text
tabComment: name text, comment_type text, reference_doctype text, reference_name text, content text, creation moment, owner text
tabSales Invoice: name text, customer text, company text, currency text, conversion_rate float, net_total decimal, base_net_total decimal, total_taxes_and_charges decimal, posting_date day, status text, is_return whole, return_against text, is_opening text, contact_person text, campaign text, source text, {USUAL}
tabSales Invoice Item: name text, item_code text, item_name text, qty decimal, net_rate decimal, net_amount decimal, base_net_amount decimal, sales_order text, {CHILD}
tabSales Order Item: name text, prevdoc_docname text, {CHILD}
tabQuotation: name text, opportunity text, docstatus whole
tabQuotation Item: name text, prevdoc_doctype text, prevdoc_docname text, {CHILD}
tabSales Team: name text, sales_person text, allocated_percentage decimal, {CHILD}
tabSales Person: name text, employee text
tabItem: name text, item_code text, item_name text, item_group text, standard_rate decimal, valuation_rate decimal, disabled whole, is_sales_item whole, is_stock_item whole
tabItem Group: name text, parent_item_group text
tabCampaign: name text, campaign_name text, {USUAL}
tabIssue: name text, subject text, customer text, contact text, issue_type text, priority text, status text, first_responded_on moment, resolution_date moment, resolution_by moment, agreement_status text, _assign text, {USUAL}
tabCurrency Exchange: name text, date day, from_currency text, to_currency text, exchange_rate float, for_selling whole
tabCommunication: name text, communication_type text, communication_medium text, sent_or_received text, communication_date moment, subject text, status text, sender text, reference_doctype text, reference_name text, {USUAL}
tabLoyalty Point Entry: name text, loyalty_program text, customer text, invoice_type text, invoice text, loyalty_points whole, posting_date day, {USUAL}
"""
native = reading("erpnext", SCHEMA, "duckdb", "mariadb", "postgresql")


def together(*schemas: str) -> str:
    """The tables of several applications in one site, with the columns that any of them has."""
    tables: dict[str, dict[str, None]] = {}
    for line in "".join(schemas).strip().splitlines():
        name, _, columns = line.partition(":")
        tables.setdefault(name, {}).update(dict.fromkeys(one.strip() for one in columns.split(",")))
    return "\n".join(f"{name}: {', '.join(columns)}" for name, columns in tables.items())


both = reading(["frappe_crm", "erpnext"], together(SCHEMA, test_frappe_crm.SCHEMA), "mariadb", "postgresql")
BORN = "2026-01-05 09:00:00"  # in Berlin
BASE = {
    "tabSingles": [
        {"doctype": "System Settings", "field": "time_zone", "value": "Europe/Berlin"},
        {"doctype": "Global Defaults", "field": "default_company", "value": "Ours"},
    ],
    "tabCompany": [{"name": "Also", "default_currency": "USD"}, {"name": "Ours", "default_currency": "EUR"}],
    "tabFiscal Year": [{"name": "25", "year_start_date": "2025-04-01"}],
    "tabUser": [
        {"name": "ann@us.example", "full_name": "Ann", "enabled": 1, "user_type": "System User"},
        {"name": "bob@us.example", "full_name": "Bob", "enabled": 0, "user_type": "System User"},
        {"name": "lee@x.example", "full_name": "Lee", "enabled": 1, "user_type": "Website User"},
    ],
    "tabEmployee": [
        {"name": "E1", "user_id": "ann@us.example"}, {"name": "E2", "user_id": "bob@us.example", "reports_to": "E1"},
    ],
    "tabTerritory": [{"name": "All"}, {"name": "North", "parent_territory": "All"}],
    "tabCustomer": [
        {"name": "Acme", "customer_type": "Company", "customer_group": "Trade", "creation": BORN, "email_id": "lee@x.example"},
        {"name": "Sister", "customer_type": "Company", "is_internal_customer": 1, "creation": BORN},
    ],
    "tabCurrency Exchange": [
        {"name": "x1", "date": "2026-01-01", "from_currency": "USD", "to_currency": "EUR", "exchange_rate": 0.5, "for_selling": 1},
        {"name": "x2", "date": "2026-01-01", "from_currency": "USD", "to_currency": "EUR", "exchange_rate": 0.4, "for_selling": 0},
        {"name": "x3", "date": "2026-03-10", "from_currency": "USD", "to_currency": "EUR", "exchange_rate": 0.8, "for_selling": 1},
        {"name": "x4", "date": "2026-01-01", "from_currency": "EUR", "to_currency": "USD", "exchange_rate": 2, "for_selling": 1},
    ],
}  # fmt: skip


@pytest.fixture
def crm(native):
    def make(**rows: list[dict]) -> Native:
        made = {}
        for table, given in rows.items():
            known = next(line for line in SCHEMA.splitlines() if line.startswith(f"tab{table}:"))
            usual = {"creation": BORN, "modified": "2026-06-30 12:00:00", "docstatus": 0} if USUAL in known else {}
            made[f"tab{table}"] = [usual | {"name": f"{table}-{n}"} | row for n, row in enumerate(given, start=1)]
        return native(**(BASE | made))

    return make


def opportunity(name: str, status: str = "Open", stage: str | None = "Prospecting", **more: object) -> dict:
    plain = {
        "company": "Ours",
        "opportunity_from": "Customer",
        "party_name": "Acme",
        "currency": "EUR",
        "conversion_rate": 1,
    }
    return {"name": name, "status": status, "sales_stage": stage, **plain, **more}  # fmt: skip


def version(deal: str, at: str, *changed: list, of: str = "Opportunity") -> dict:
    data = {"added": [], "changed": [list(one) for one in changed], "removed": [], "row_changed": []}
    return {
        "ref_doctype": of,
        "docname": deal,
        "creation": at,
        "owner": "ann@us.example",
        "data": json.dumps(data, indent=1),
    }


def label(deal: str, at: str, content: str, **more: object) -> dict:
    plain = {"comment_type": "Label", "reference_doctype": "Opportunity", "owner": "bob@us.example"}
    return {"reference_name": deal, "creation": at, "content": content, **plain, **more}


def stays(company: Native, deal: str) -> list[tuple]:
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == deal]
    assert [row["left_at"] for row in rows] == [*(row["entered_at"] for row in rows[1:]), None]
    return [(r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d %H:%M}", r["is_reconstructed"]) for r in rows]


def test_stages_and_statuses_are_followed_together(crm):
    company = crm(
        Opportunity=[
            opportunity("d", "Converted", "Negotiation/Review"),
            opportunity("e", "Closed", "Prospecting"),
            opportunity("f"),
        ],
        Version=[
            version("d", "2026-02-01 10:00:00", ["probability", 10, 20], ["sales_stage", "Prospecting", "Qualification"]),
            version("d", "2026-02-10 10:00:00", ["status", "Open", "Lost"], ["order_lost_reason", None, "Dear"]),
            version("d", "2026-02-20 10:00:00", ["status", "Lost", "Open"], ["sales_stage", "Qualification", "Negotiation/Review"]),
            version("d", "2026-02-21 10:00:00", ["status", "Open", "Replied"]),
            version("d", "2026-02-22 10:00:00", ["status", "Replied", "Lost"], of="Issue"),
            version("d", "2026-02-23 10:00:00", ["title", "status", "sales_stage"]),
            version("e", "2026-02-22 10:00:00", ["status", "Replied", "Closed"]),
        ],
        Comment=[
            label("d", "2026-03-01 10:00:00", "Quotation"),
            label("d", "2026-04-01 10:00:00", "Converted"),
            label("d", "2026-04-02 10:00:00", "Lost", comment_type="Comment"),
        ],
    )  # fmt: skip
    assert stays(company, "d") == [
        ("Prospecting", "open", "01-05 08:00", False), ("Qualification", "open", "02-01 09:00", False),
        ("status:Lost", "lost", "02-10 09:00", False), ("Negotiation/Review", "open", "02-20 09:00", False),
        ("status:Converted", "won", "04-01 08:00", False),
    ]  # fmt: skip
    assert stays(company, "e") == [
        ("Prospecting", "open", "01-05 08:00", False),
        ("status:Closed", "void", "02-22 09:00", False),
    ]
    assert stays(company, "f") == [("Prospecting", "open", "01-05 08:00", True)]
    assert company.by_key("opportunities", "outcome", "closed_at") == {
        "d": ("won", datetime(2026, 4, 1, 8)),
        "e": ("void", datetime(2026, 2, 22, 9)),
        "f": ("open", None),
    }
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == "d"]
    assert [row["changed_by"] for row in rows] == [None, *["ann@us.example"] * 3, "bob@us.example"]
    assert [row["is_backward"] for row in rows] == [False, False, False, True, False]
    assert company.ask("win_rate", "2026").result.value == 1  # what was closed without a decision does not count
    assert company.problems() == []


def test_what_nothing_logs_is_reconstructed(crm):
    company = crm(
        Opportunity=[
            opportunity("won", "Converted", "Negotiation/Review"),
            opportunity("labelled", "Lost", None),
            opportunity("stopped", "Lost", "Qualification"),
        ],
        Comment=[label("labelled", "2026-03-01 10:00:00", "Lost")],
        Version=[version("stopped", "2026-02-01 10:00:00", ["sales_stage", None, "Qualification"])],
    )
    assert stays(company, "won") == [
        ("Negotiation/Review", "open", "01-05 08:00", True),
        ("status:Converted", "won", "06-30 10:00", True),
    ]
    assert stays(company, "labelled") == [
        ("(none)", "open", "01-05 08:00", True),
        ("status:Lost", "lost", "03-01 09:00", False),
    ]
    assert stays(company, "stopped") == [
        ("(none)", "open", "01-05 08:00", False),
        ("Qualification", "open", "02-01 09:00", False),
        ("status:Lost", "lost", "06-30 10:00", True),
    ]
    assert {key: f"{at:%m-%d}" for key, at in company.by_key("opportunities", "closed_at").items()} == {
        "won": "06-30",
        "labelled": "03-01",
        "stopped": "06-30",
    }
    assert company.problems() == []


def test_revenue_is_submitted_invoices_less_returns_in_the_companys_currency(crm):
    plain = {
        "customer": "Acme",
        "company": "Ours",
        "currency": "EUR",
        "conversion_rate": 1,
        "docstatus": 1,
        "posting_date": "2026-03-09",
    }
    company = crm(
        **{
            "Sales Invoice": [
                {**plain, "name": "1", "net_total": 100, "base_net_total": 100, "total_taxes_and_charges": 19, "status": "Paid"},
                {**plain, "name": "2", "net_total": 80, "base_net_total": 60, "currency": "GBP", "conversion_rate": 0.75},
                {**plain, "name": "3", "net_total": -30, "base_net_total": -30, "is_return": 1, "return_against": "1"},
                {**plain, "name": "4", "net_total": 999, "base_net_total": 999, "docstatus": 0, "status": "Draft"},
                {**plain, "name": "5", "net_total": 999, "base_net_total": 999, "docstatus": 2, "status": "Cancelled"},
                {**plain, "name": "6", "net_total": 999, "base_net_total": 999, "is_opening": "Yes"},
                {**plain, "name": "7", "net_total": 999, "base_net_total": 999, "customer": "Sister"},
                {**plain, "name": "8", "net_total": 40, "base_net_total": 40, "company": "Also", "currency": "USD"},
                {**plain, "name": "9", "net_total": 10, "base_net_total": 20, "company": "Also", "currency": "GBP", "conversion_rate": 2,
                 "posting_date": "2026-03-10"},
                {**plain, "name": "X", "net_total": 5, "base_net_total": 10, "company": "Also", "currency": "EUR", "conversion_rate": 2},
            ],
            "Sales Invoice Item": [
                {"parent": "1", "parenttype": "Sales Invoice", "idx": 1, "item_code": "I", "qty": 4, "net_rate": 25, "net_amount": 100,
                 "sales_order": "SO"},
                {"parent": "6", "parenttype": "Sales Invoice", "idx": 1, "item_code": "I", "qty": 1, "net_rate": 999, "net_amount": 999},
            ],
            "Sales Order Item": [{"parent": "SO", "prevdoc_docname": "Q"}],
            "Quotation": [{"name": "Q", "docstatus": 1}],
            "Quotation Item": [{"parent": "Q", "prevdoc_doctype": "Opportunity", "prevdoc_docname": "d"}],
            "Opportunity": [opportunity("d", "Converted")],
            "Sales Team": [{"parent": "1", "parenttype": "Sales Invoice", "idx": 1, "sales_person": "S"}],
            "Sales Person": [{"name": "S", "employee": "E2"}],
            "Item": [
                {"name": "I", "item_code": "I", "item_name": "Thing", "item_group": "Small", "valuation_rate": 0, "is_stock_item": 0},
                {"name": "J", "item_code": "J", "item_group": "Top", "is_sales_item": 0, "is_stock_item": 1},
            ],
            "Item Group": [
                {"name": "All Item Groups"}, {"name": "Top", "parent_item_group": "All Item Groups"},
                {"name": "Small", "parent_item_group": "Top"},
            ],
        }
    )  # fmt: skip
    assert company.by_key("orders", "status", "document", "net_base", "currency") == {
        "1": ("confirmed", "invoice", 100, "EUR"), "2": ("confirmed", "invoice", 60, "GBP"), "3": ("confirmed", "credit_note", -30, "EUR"),
        "4": ("draft", "invoice", 999, "EUR"), "5": ("cancelled", "invoice", 999, "EUR"), "7": ("confirmed", "invoice", 999, "EUR"),
        "8": ("confirmed", "invoice", 20, "USD"), "9": ("confirmed", "invoice", 16, "GBP"), "X": ("confirmed", "invoice", 5, "EUR"),
    }  # fmt: skip
    assert company.by_key("orders", "ordered_at", "opportunity_id", "owner_id", "tax")["1"] == (
        datetime(2026, 3, 8, 23), "d", "bob@us.example", 19,
    )  # fmt: skip
    assert company.ask("revenue", "2026-03").result.value == pytest.approx(100 + 60 - 30 + 20 + 16 + 5)
    items = company.rows("order_items", "order_id", "product_id", "quantity", "net")
    assert [tuple(row.values()) for row in items] == [("1", "I", 4, 100)]
    assert company.by_key("products", "category_path", "unit_cost", "is_service", "is_active") == {
        "I": ("Top / Small", None, True, True),
        "J": ("Top", None, False, False),
    }
    settings = company.mapped.manifest.settings
    assert (settings["base_currency"], settings["timezone"], settings["fiscal_year_start_month"]) == (
        "EUR",
        "Europe/Berlin",
        4,
    )
    assert {key: str(rate)[:3] for key, rate in company.by_key("fx_rates", "rate_to_base").items()} == {
        ("USD", datetime(2026, 1, 1).date()): "0.5",
        ("USD", datetime(2026, 3, 10).date()): "0.8",
    }
    assert [line.split(":")[0] for line in company.problems()] == [
        "order_totals orders.net"
    ] or company.problems() == []


def test_amounts_of_nought_were_not_entered_and_lead_to_the_companys_currency(crm):
    company = crm(
        **{
            "Opportunity": [
                opportunity("none", opportunity_amount=0, total=0),
                opportunity("own", opportunity_amount=50, total=70),
                opportunity("lines", opportunity_amount=0, total=70, currency="GBP", conversion_rate=1.5),
                opportunity("also", opportunity_amount=50, company="Also", currency="USD"),
            ],
            "Opportunity Item": [
                {"parent": "lines", "parenttype": "Opportunity", "idx": 1, "item_code": "gone", "qty": 2, "amount": 70}
            ],
        }
    )
    assert company.by_key("opportunities", "amount", "currency", "amount_base") == {
        "none": (None, None, None),
        "own": (50, "EUR", 50),
        "lines": (70, "GBP", 105),
        "also": (50, "USD", 25),
    }
    lines = company.rows("opportunity_lines", "opportunity_id", "product_id", "net_amount", "currency")
    assert [tuple(row.values()) for row in lines] == [("lines", None, 70, "GBP")]


def test_leads_and_whom_they_became(crm):
    company = crm(
        **{
            "Lead": [
                {"name": "l", "lead_name": "L", "status": "Opportunity", "source": "Exhibition"},
                {"name": "m", "lead_name": "M", "status": "Open", "qualification_status": "Qualified", "qualified_on": "2026-01-20"},
                {"name": "n", "lead_name": "N", "status": "Do Not Contact"},
                {"name": "o", "lead_name": "O", "status": "Lead", "campaign_name": "k"},
            ],
            "Customer": [
                *BASE["tabCustomer"],
                {"name": "Lea", "customer_type": "Individual", "lead_name": "l", "email_id": "l@x.example", "creation": "2026-04-01 10:00:00"},
                {"name": "Pro", "customer_type": "Company", "prospect_name": "P", "creation": "2026-04-01 10:00:00",
                 "customer_primary_address": "a"},
            ],
            "Address": [{"name": "a", "city": "Ulm", "country": "Germany"}],
            "Country": [{"name": "Germany", "code": "de"}],
            "Opportunity": [
                opportunity("d", opportunity_from="Lead", party_name="l", creation="2026-02-01 10:00:00", territory="North"),
                opportunity("e", opportunity_from="Prospect", party_name="P", opportunity_owner="lee@x.example"),
                opportunity("f", "Lost", opportunity_from="Lead", party_name="n", order_lost_reason="x"),
            ],
            "Opportunity Lost Reason Detail": [{"parent": "f", "parenttype": "Opportunity", "lost_reason": "Price"}],
            "Campaign": [{"name": "k", "campaign_name": "K"}],
        }
    )  # fmt: skip
    assert company.by_key("leads", "status", "customer_id", "converted_opportunity_id", "channel", "campaign_id") == {
        "l": ("converted", "Lea", "d", "event", None),
        "m": ("qualified", None, None, None, None),
        "n": ("converted", None, "f", None, None),
        "o": ("new", None, None, None, "k"),
    }
    assert company.by_key("leads", "converted_at")["l"] == datetime(2026, 2, 1, 9)
    assert company.by_key("opportunities", "customer_id", "lead_id", "type", "team_id", "lost_reason", "owner_id") == {
        "d": ("Lea", "l", "new", "North", None, None),
        "e": ("Pro", None, "new", None, None, None),
        "f": (None, "n", "new", None, "Price", None),
    }
    assert company.by_key("customers", "kind", "email", "country", "is_own_company") == {
        "Acme": ("company", None, None, False),
        "Lea": ("person", "l@x.example", None, False),
        "Pro": ("company", None, "DE", False),
        "Sister": ("company", None, None, True),
    }
    assert company.by_key("teams", "parent_team_id") == {"All": None, "North": "All"}
    assert company.problems() == []


def test_people_issues_and_what_was_said(crm):
    company = crm(
        **{
            "Contact": [
                {"name": "lee", "first_name": "Lee", "email_id": "lee@x.example", "user": "lee@x.example"},
                {"name": "ann", "first_name": "Ann", "email_id": "ann@us.example"},
                {"name": "sup", "first_name": "Supplier"},
                {"name": "lead", "first_name": "Lead"},
            ],
            "Dynamic Link": [
                {"parent": "lee", "parenttype": "Contact", "link_doctype": "Customer", "link_name": "Acme"},
                {"parent": "lee", "parenttype": "Contact", "link_doctype": "Supplier", "link_name": "Acme"},
                {"parent": "ann", "parenttype": "Contact", "link_doctype": "Customer", "link_name": "Sister"},
                {"parent": "sup", "parenttype": "Contact", "link_doctype": "Supplier", "link_name": "Acme"},
                {"parent": "lead", "parenttype": "Contact", "link_doctype": "Lead", "link_name": "l"},
                {"parent": "sup", "parenttype": "Address", "link_doctype": "Customer", "link_name": "Acme"},
            ],
            "Issue": [
                {"name": "1", "customer": "Acme", "contact": "lee", "status": "Closed", "issue_type": "Complaint",
                 "first_responded_on": "2026-01-05 10:00:00", "resolution_date": "2026-01-06 09:00:00", "agreement_status": "Failed",
                 "_assign": '["bob@us.example"]'},
                {"name": "2", "status": "Replied", "resolution_date": "2026-01-06 09:00:00", "agreement_status": "First Response Due",
                 "_assign": ""},
            ],
            "Communication": [
                {"name": "a", "communication_type": "Communication", "communication_medium": "Phone", "sent_or_received": "Received",
                 "communication_date": "2026-02-02 10:00:00", "reference_doctype": "Customer", "reference_name": "Acme"},
                {"name": "b", "communication_type": "Automated Message", "reference_doctype": "Customer", "reference_name": "Acme"},
                {"name": "c", "communication_type": "Communication", "reference_doctype": "Purchase Order", "reference_name": "Acme"},
            ],
            "Loyalty Point Entry": [
                {"name": "p", "loyalty_program": "Club", "customer": "Acme", "loyalty_points": 30, "posting_date": "2026-02-01"},
                {"name": "q", "loyalty_program": "Club", "customer": "Acme", "loyalty_points": -10, "posting_date": "2026-03-01"},
            ],
        }
    )  # fmt: skip
    assert company.by_key("contacts", "customer_id") == {"lead": None, "lee": "Acme"}
    found = company.by_key("tickets", "status", "is_complaint", "resolved_at", "sla_met", "owner_id", "contact_id")
    assert found == {
        "1": ("closed", True, datetime(2026, 1, 6, 8), False, "bob@us.example", "lee"),
        "2": ("pending", False, None, None, None, None),
    }
    assert company.by_key("interactions", "kind", "direction", "customer_id") == {"a": ("call", "inbound", "Acme")}
    assert company.by_key("users", "is_active", "manager_id") == {
        "ann@us.example": (True, None),
        "bob@us.example": (False, "ann@us.example"),
    }
    assert company.by_key("loyalty_accounts", "joined_at") == {"Club:Acme": datetime(2026, 1, 31, 23)}
    assert company.by_key("loyalty_ledger", "points", "reason") == {"p": (30, "purchase"), "q": (-10, "redeemed")}
    assert company.problems() == []


def test_the_database_is_recognised(crm):
    company = crm()
    engine = create_engine(company.url)
    with engine.connect() as connection:
        assert {one.manifest.id for one in detect(connection) if one.fits} == {"erpnext"}
    engine.dispose()


def test_beside_frappe_crm_in_one_site_both_are_recognised_and_read_together(both):
    usual = {"creation": BORN, "modified": BORN, "docstatus": 1}
    theirs = test_frappe_crm.BASE
    company = both(
        **{
            **BASE,
            "tabSingles": [*BASE["tabSingles"], *theirs["tabSingles"][1:]],
            "tabCRM Deal Status": theirs["tabCRM Deal Status"],
            "tabCRM Deal": [{"name": "d", "status": "Signed", "organization": "Acme", "creation": BORN, "modified": BORN}],
            "tabCRM Organization": [{"name": "Acme", "organization_name": "Acme", "creation": BORN}],
            "tabSales Invoice": [
                usual | {"name": "1", "customer": "Acme", "company": "Ours", "currency": "EUR", "conversion_rate": 1, "net_total": 100,
                         "base_net_total": 100, "posting_date": "2026-03-09"},
            ],
            "tabOpportunity": [usual | opportunity("d", "Lost")],
        }
    )  # fmt: skip
    engine = create_engine(company.url)
    with engine.connect() as connection:
        assert {one.manifest.id for one in detect(connection) if one.fits} == {"erpnext", "frappe_crm"}
    engine.dispose()
    assert company.by_key("opportunities", "outcome") == {"erpnext:d": "lost", "frappe_crm:d": "won"}
    assert company.ask("revenue", "2026-03").result.value == 100
    assert company.ask("win_rate", "2026").result.value == 0.5
