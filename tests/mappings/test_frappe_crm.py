"""Frappe CRM: every rule of its mapping on invented rows, and the traps of its log, its clocks and its amounts."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import create_engine

from data_access.mappings.detect import detect
from tests.mappings.native import Native, reading

USUAL = "creation moment, modified moment, owner text"
CHILD = "parent text, parenttype text, idx whole"
SCHEMA = f"""
tabSingles: doctype text, field text, value text
tabUser: name text, email text, full_name text, enabled whole, user_type text
tabCRM Deal: name text, organization text, lead text, status text, deal_owner text, probability float, deal_value decimal, expected_deal_value decimal, net_total decimal, annual_revenue decimal, currency text, exchange_rate float, expected_closure_date day, closed_date day, source text, territory text, lost_reason text, {USUAL}
tabCRM Deal Status: name text, deal_status text, type text, position whole, probability float
tabCRM Status Change Log: name text, from text, to text, from_date moment, to_date moment, from_type text, to_type text, log_owner text, {CHILD}, {USUAL}
tabCRM Lead: name text, lead_name text, email text, status text, source text, lead_owner text, organization text, converted whole, first_responded_on moment, lost_reason text, {USUAL}
tabCRM Lead Status: name text, lead_status text, type text, position whole
tabCRM Organization: name text, organization_name text, website text, no_of_employees text, territory text, industry text, address text, annual_revenue decimal, {USUAL}
tabCRM Contacts: name text, contact text, is_primary whole, {CHILD}
tabContact: name text, first_name text, last_name text, company_name text, email_id text, mobile_no text, phone text, designation text, user text, unsubscribed whole, {USUAL}
tabAddress: name text, city text, state text, country text
tabCountry: name text, code text
tabCRM Products: name text, product_code text, qty decimal, amount decimal, discount_amount decimal, net_amount decimal, {CHILD}
tabCRM Product: name text, product_code text, product_name text, standard_rate decimal, disabled whole
tabCRM Call Log: name text, type text, status text, duration decimal, start_time moment, caller text, receiver text, reference_doctype text, reference_docname text, {USUAL}
tabCRM Task: name whole, title text, status text, due_date moment, assigned_to text, reference_doctype text, reference_docname text, {USUAL}
tabCommunication: name text, communication_type text, communication_medium text, sent_or_received text, communication_date moment, subject text, status text, sender text, reference_doctype text, reference_name text, {USUAL}
"""
native = reading("frappe_crm", SCHEMA, "duckdb", "mariadb", "postgresql")
STATUSES = (
    ("Qualification", "Open", 10), ("Demo", "Ongoing", 25), ("Waiting", "On Hold", 30), ("Signed", "Won", 100), ("Gone", "Lost", 0),
)  # fmt: skip
BASE = {
    "tabSingles": [
        {"doctype": "System Settings", "field": "time_zone", "value": "Europe/Berlin"},
        {"doctype": "FCRM Settings", "field": "currency", "value": "EUR"},
        {"doctype": "System Settings", "field": "currency", "value": "INR"},
    ],
    "tabUser": [
        {"name": "ann@us.example", "email": "ann@us.example", "full_name": "Ann", "enabled": 1, "user_type": "System User"},
        {"name": "bob@us.example", "email": "bob@us.example", "full_name": "Bob", "enabled": 0, "user_type": "System User"},
        {"name": "lee@x.example", "email": "lee@x.example", "full_name": "Lee", "enabled": 1, "user_type": "Website User"},
        {"name": "Administrator", "email": "admin@us.example", "full_name": "Administrator", "enabled": 1, "user_type": "System User"},
    ],
    "tabCRM Deal Status": [
        {"name": name, "deal_status": name, "type": kind, "position": place, "probability": chance}
        for place, (name, kind, chance) in enumerate(STATUSES, start=1)
    ],
    "tabCRM Lead Status": [
        {"name": "New", "type": "Open"}, {"name": "Qualified", "type": "Won"}, {"name": "Junk", "type": "Lost"}, {"name": "Nurture"},
    ],
}  # fmt: skip
BORN = "2026-01-05 09:00:00"  # in Berlin


@pytest.fixture
def crm(native):
    def make(**rows: list[dict]) -> Native:
        made = {}
        for table, given in rows.items():
            usual = {"creation": BORN, "modified": "2026-06-30 12:00:00"} if USUAL in _columns(f"tab{table}") else {}
            made[f"tab{table}"] = [usual | {"name": f"{table}-{n}"} | row for n, row in enumerate(given, start=1)]
        made.get("tabCRM Task", [{}])[0].pop("name", None)
        return native(**(BASE | made))

    return make


def _columns(table: str) -> str:
    return next(line.partition(":")[2] for line in SCHEMA.strip().splitlines() if line.startswith(f"{table}:"))


def log(deal: str, *lines: tuple[str, str], kind: str = "CRM Deal", by: str = "ann@us.example") -> list[dict]:
    """The lines of a log: the status and since when; who ended one is written over who began it."""
    following = [*(status for status, _ in lines[1:]), ""]
    return [
        {
            "name": f"{kind}-{deal}-{n}", "parent": deal, "parenttype": kind, "idx": n, "from": status, "from_date": at,
            "to": to, "log_owner": by if to else "bob@us.example", "creation": BORN,
        }
        for n, ((status, at), to) in enumerate(zip(lines, following, strict=True), start=1)
    ]  # fmt: skip


def stays(company: Native, deal: str) -> list[tuple]:
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == deal]
    assert [row["left_at"] for row in rows] == [*(row["entered_at"] for row in rows[1:]), None]
    return [(r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d %H:%M}", r["is_reconstructed"]) for r in rows]


def test_a_line_of_the_log_is_a_stay_and_the_log_of_leads_is_another(crm):
    company = crm(
        **{
            "CRM Deal": [{"name": "d", "status": "Signed", "closed_date": "2026-05-01"}],
            "CRM Status Change Log": [
                *log("d", ("Qualification", BORN), ("Demo", "2026-02-01 10:00:00"), ("Gone", "2026-02-10 10:00:00"),
                     ("Demo", "2026-02-20 10:00:00"), ("Demo", "2026-02-21 10:00:00"), ("Waiting", "2026-04-01 10:00:00"),
                     ("Signed", "2026-04-01 10:00:00")),
                *log("d", ("New", BORN), ("Junk", "2026-03-01 10:00:00"), kind="CRM Lead"),
            ],
        }
    )  # fmt: skip
    assert stays(company, "d") == [
        ("Qualification", "open", "01-05 08:00", False), ("Demo", "open", "02-01 09:00", False), ("Gone", "lost", "02-10 09:00", False),
        ("Demo", "open", "02-20 09:00", False), ("Signed", "won", "04-01 08:00", False),
    ]  # fmt: skip
    assert company.by_key("opportunities", "outcome", "closed_at") == {"d": ("won", datetime(2026, 4, 1, 8))}
    back = [row["is_backward"] for row in company.rows("stage_history")]
    assert back == [False, False, False, True, False]
    by = [row["changed_by"] for row in company.rows("stage_history")]
    assert by == [None, *["ann@us.example"] * 4]  # each by whom the line before names
    assert company.ask("win_rate", "2026-04").result.value == 1
    assert company.problems() == []


def test_the_log_of_a_server_on_utc_is_not_moved_with_the_clock_of_the_site(crm):
    company = crm(
        **{
            "CRM Deal": [{"name": "d", "status": "Signed"}, {"name": "e", "status": "Demo", "creation": "2026-07-01 10:00:00"}],
            "CRM Status Change Log": [
                *log("d", ("Qualification", "2026-01-05 08:00:00.2"), ("Signed", "2026-02-01 10:00:00")),
                *log("e", ("Demo", "2026-07-01 08:00:00.1")),
            ],
        }
    )  # fmt: skip
    assert stays(company, "d") == [
        ("Qualification", "open", "01-05 08:00", False),
        ("Signed", "won", "02-01 10:00", False),
    ]
    assert company.problems() == []


def test_a_log_that_began_late_reaches_back_and_one_that_stops_early_is_led_on(crm):
    company = crm(
        **{
            "CRM Deal": [
                {"name": "late", "status": "Gone", "closed_date": "2026-02-01"},
                {"name": "stopped", "status": "Signed", "closed_date": "2026-05-01"},
                {"name": "renamed", "status": "Demo"},
                {"name": "bare", "status": "Signed", "closed_date": "2026-03-15"},
                {"name": "moved", "status": "Gone", "closed_date": "2027-03-15"},
                {"name": "open", "status": "Waiting"},
            ],
            "CRM Status Change Log": [
                *log("late", ("Demo", "2026-03-01 09:59:00"), ("Gone", "2026-03-01 10:00:00")),
                *log("stopped", ("Qualification", BORN), ("Demo", "2026-04-01 10:00:00")),
                *log("renamed", ("Talk", BORN), ("Show", "2026-04-01 10:00:00")),
            ],
        }
    )
    assert stays(company, "late") == [("Demo", "open", "01-05 08:00", True), ("Gone", "lost", "03-01 09:00", False)]
    assert stays(company, "stopped")[-1] == ("Signed", "won", "04-30 22:00", True)
    assert stays(company, "renamed") == [("Talk", "open", "01-05 08:00", False), ("Demo", "open", "04-01 08:00", False)]
    assert stays(company, "bare") == [(None, "open", "01-05 08:00", True), ("Signed", "won", "03-14 23:00", True)]
    assert stays(company, "moved")[-1] == ("Gone", "lost", "06-30 10:00", True)
    assert stays(company, "open") == [("Waiting", "open", "01-05 08:00", True)]
    closed = {key: at and f"{at:%m-%d}" for key, at in company.by_key("opportunities", "closed_at").items()}
    assert closed == {
        "late": "03-01",
        "stopped": "04-30",
        "renamed": None,
        "bare": "03-14",
        "moved": "06-30",
        "open": None,
    }
    assert company.problems() == []


def test_a_status_without_a_type_is_told_by_its_name(native):
    rows = {
        "tabCRM Deal Status": [{"name": name, "position": 1} for name in ("Negotiation", "Won", "Lost", "Dropped")],
        "tabCRM Deal": [
            {"name": name, "status": name, "creation": BORN, "modified": BORN} for name in ("Negotiation", "Won", "Lost", "Dropped")
        ],
    }  # fmt: skip
    company = native(own='[stage_outcomes]\n"Dropped" = "void"', without=("tabCRM Deal Status.type",), **(BASE | rows))
    assert company.by_key("opportunities", "outcome") == {
        "Negotiation": "open",
        "Won": "won",
        "Lost": "lost",
        "Dropped": "void",
    }
    assert company.problems() == []


def test_amounts_of_nought_were_not_entered_and_rates_multiply(crm):
    plain = {"status": "Demo", "deal_value": 0, "expected_deal_value": 0, "net_total": 0, "annual_revenue": 9999}
    company = crm(
        **{
            "CRM Deal": [
                {**plain, "name": "none"},
                {**plain, "name": "own", "expected_deal_value": 100, "deal_value": 70, "currency": "EUR", "exchange_rate": 1.5},
                {**plain, "name": "won", "status": "Signed", "expected_deal_value": 100, "deal_value": 70, "currency": "USD",
                 "exchange_rate": 0.5},
                {**plain, "name": "lines", "net_total": 30},
                {**plain, "name": "rateless", "deal_value": 10, "currency": "USD", "exchange_rate": 0},
            ],
            "CRM Product": [{"name": "p", "product_code": "P", "standard_rate": 0, "disabled": 1}],
            "CRM Products": [
                {"parent": "lines", "parenttype": "CRM Deal", "idx": 1, "product_code": "p", "qty": 2, "amount": 40, "discount_amount": 10},
                {"parent": "lines", "parenttype": "CRM Lead", "idx": 1, "product_code": "p", "qty": 9, "amount": 90},
            ],
        }
    )  # fmt: skip
    assert company.by_key("opportunities", "amount", "currency", "amount_base") == {
        "none": (None, None, None),
        "own": (100, "EUR", 100),
        "won": (70, "USD", 35),
        "lines": (30, "EUR", 30),
        "rateless": (10, "USD", None),
    }
    lines = company.rows("opportunity_lines", "opportunity_id", "product_id", "net_amount", "currency")
    assert [tuple(row.values()) for row in lines] == [("lines", "p", 30, "EUR")]
    assert company.by_key("products", "list_price", "is_active") == {"p": (None, False)}
    assert company.mapped.manifest.settings["timezone"] == "Europe/Berlin"
    assert [line.split(":")[0] for line in company.problems()] == ["rate_missing opportunities.amount_base"]


def test_who_is_a_customer_and_that_the_companys_own_people_are_none(crm):
    company = crm(
        **{
            "CRM Organization": [
                {"name": "Acme", "organization_name": "Acme", "website": "HTTPS://www.acme.example/", "address": "a1", "territory": "North"}
            ],
            "Address": [{"name": "a1", "city": "Ulm", "country": "Germany"}],
            "Country": [{"name": "Germany", "code": "de"}],
            "Contact": [
                {"name": "lee", "first_name": "Lee", "company_name": "Acme", "email_id": "lee@x.example", "user": "lee@x.example"},
                {"name": "fox", "first_name": "Fox", "email_id": "Fox@Y.example"},
                {"name": "ann", "first_name": "Ann", "email_id": "ann@us.example", "user": "ann@us.example"},
                {"name": "bob", "first_name": "Bob", "email_id": "bob@us.example"},
                {"name": "sue", "first_name": "Sue"},
            ],
            "CRM Deal": [
                {"name": "d", "organization": "Acme", "status": "Demo", "deal_owner": "bob@us.example", "lead": "l", "creation": "2026-02-01 10:00"},
                {"name": "e", "status": "Demo", "source": "Exhibition", "deal_owner": "lee@x.example"},
            ],
            "CRM Contacts": [
                {"parent": "d", "parenttype": "CRM Deal", "idx": 1, "contact": "sue"},
                {"parent": "d", "parenttype": "CRM Deal", "idx": 2, "contact": "lee", "is_primary": 1},
                {"parent": "e", "parenttype": "CRM Deal", "idx": 1, "contact": "fox", "is_primary": 0},
            ],
        }
    )  # fmt: skip
    assert company.by_key("customers", "kind", "country", "region", "city") == {
        "Acme": ("company", "DE", "North", "Ulm"),
        "contact:fox": ("person", None, None, None),
    }
    assert company.by_key("customers", "x_domain") == {"Acme": "acme.example", "contact:fox": None}
    assert company.by_key("contacts", "customer_id") == {"fox": "contact:fox", "lee": "Acme", "sue": None}
    assert company.by_key("opportunities", "customer_id", "contact_id", "owner_id", "channel") == {
        "d": ("Acme", "lee", "bob@us.example", None),
        "e": ("contact:fox", "fox", None, "event"),
    }
    assert company.by_key("users", "is_active", "is_integration") == {
        "Administrator": (True, True),
        "ann@us.example": (True, False),
        "bob@us.example": (False, False),
    }
    assert company.problems() == []


def test_leads_and_what_was_done(crm):
    company = crm(
        **{
            "CRM Lead": [
                {"name": "l", "lead_name": "L", "status": "Qualified", "converted": 1, "email": "l@x.example", "lost_reason": "x"},
                {"name": "m", "lead_name": "M", "status": "Junk", "converted": 0, "lost_reason": "No money"},
                {"name": "n", "lead_name": "N", "status": "Nurture", "source": "Cold Calling", "first_responded_on": "2026-01-06 09:00"},
                {"name": "o", "lead_name": "O", "status": "New"},
            ],
            "CRM Deal": [{"name": "d", "status": "Demo", "lead": "l", "creation": "2026-02-01 10:00:00"}],
            "CRM Status Change Log": log("l", ("New", BORN), ("Qualified", "2026-01-20 10:00:00"), kind="CRM Lead"),
            "CRM Call Log": [
                {"name": "c", "type": "Incoming", "status": "Completed", "duration": 90, "start_time": "2026-02-02 10:00:00",
                 "reference_doctype": "CRM Deal", "reference_docname": "d", "receiver": "ann@us.example"},
                {"name": "f", "type": "Outgoing", "status": "No Answer", "start_time": "2026-02-03 10:00:00"},
            ],
            "CRM Task": [{"title": "T", "status": "Todo", "due_date": "2026-03-01 10:00:00"}],
            "Communication": [
                {"name": "1", "communication_type": "Communication", "communication_medium": "Email", "sent_or_received": "Sent",
                 "communication_date": "2026-02-04 10:00:00", "reference_doctype": "CRM Lead", "reference_name": "l",
                 "sender": "ann@us.example"},
                {"name": "2", "communication_type": "Automated Message", "communication_date": "2026-02-04 10:00:00",
                 "reference_doctype": "CRM Lead", "reference_name": "l"},
                {"name": "3", "communication_type": "Communication", "communication_date": "2026-02-04 10:00:00",
                 "reference_doctype": "Issue", "reference_name": "l"},
            ],
        }
    )  # fmt: skip
    assert company.by_key("leads", "status", "converted_opportunity_id", "channel", "lost_reason") == {
        "l": ("converted", "d", None, None),
        "m": ("disqualified", None, None, "No money"),
        "n": ("working", None, "phone", None),
        "o": ("new", None, None, None),
    }
    assert company.by_key("leads", "qualified_at", "converted_at")["l"] == (
        datetime(2026, 1, 20, 9),
        datetime(2026, 2, 1, 9),
    )
    done = company.by_key("interactions", "direction", "owner_id", "done_at", "opportunity_id", "lead_id")
    assert done == {
        "call:c": ("inbound", "ann@us.example", datetime(2026, 2, 2, 9), "d", None),
        "call:f": ("outbound", None, None, None, None),
        "mail:1": ("outbound", "ann@us.example", datetime(2026, 2, 4, 9), None, "l"),
        "task:1": (None, None, None, None, None),
    }
    assert company.problems() == []


def test_the_database_is_recognised(crm):
    company = crm()
    engine = create_engine(company.url)
    with engine.connect() as connection:
        assert {one.manifest.id for one in detect(connection) if one.fits} == {"frappe_crm"}
    engine.dispose()
