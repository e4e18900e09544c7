"""EspoCRM: every rule of its mapping on invented rows."""

from __future__ import annotations

import json

import pytest

from tests.mappings.native import Native, reading

USUAL = "created_at moment, modified_at moment, deleted flag, assigned_user_id text"
SCHEMA = f"""
account: id text, name text, type text, industry text, billing_address_country text, billing_address_state text, billing_address_city text, campaign_id text, {USUAL}
contact: id text, first_name text, last_name text, account_id text, {USUAL}
lead: id text, first_name text, last_name text, account_name text, status text, source text, campaign_id text, converted_at moment, created_account_id text, created_contact_id text, created_opportunity_id text, {USUAL}
opportunity: id text, name text, account_id text, contact_id text, amount float, amount_currency text, stage text, last_stage text, probability whole, lead_source text, close_date day, campaign_id text, {USUAL}
note: id text, type text, parent_type text, parent_id text, data text, created_at moment, created_by_id text, deleted flag
currency: id text, rate float
email_address: id text, name text, opt_out flag, deleted flag
entity_email_address: id whole, entity_id text, entity_type text, email_address_id text, primary flag, deleted flag
user: id text, user_name text, first_name text, last_name text, is_active flag, type text, default_team_id text, deleted flag
team: id text, name text, deleted flag
campaign: id text, name text, type text, status text, start_date day, end_date day, {USUAL}
campaign_log_record: id text, campaign_id text, parent_id text, parent_type text, action text, action_date moment, is_test flag, deleted flag
case: id text, name text, type text, status text, priority text, account_id text, contact_id text, {USUAL}
call: id text, name text, status text, direction text, date_start moment, parent_type text, parent_id text, account_id text, {USUAL}
meeting: id text, name text, status text, date_start moment, parent_type text, parent_id text, account_id text, {USUAL}
task: id text, name text, status text, date_end moment, date_completed moment, parent_type text, parent_id text, account_id text, {USUAL}
"""
OWN = '[settings]\nbase_currency = "USD"\ntimezone = "UTC"\n'
native = reading("espocrm", SCHEMA, "sqlite", "mariadb")


@pytest.fixture
def crm(native):
    def make(own: str = OWN, **rows: list[dict]) -> Native:
        known = {line.partition(":")[0].strip(): line.partition(":")[2] for line in SCHEMA.strip().splitlines()}
        made = {}
        for table, given in rows.items():
            usual = {"deleted": False, "created_at": "2026-01-05 09:00", "modified_at": "2026-06-30 12:00"}
            usual = {name: value for name, value in usual.items() if f" {name} " in known[table]}
            keys = () if table == "entity_email_address" else ("id",)
            made[table] = [usual | dict.fromkeys(keys, f"{table}{n}") | row for n, row in enumerate(given, start=1)]
        return native(own=own, **made)

    return make


def change(at: str, was: str, became: str, **more: object) -> dict:
    data = {"fields": ["stage"], "attributes": {"was": {"stage": was}, "became": {"stage": became}}}
    return {
        "type": "Update",
        "parent_type": "Opportunity",
        "parent_id": "d",
        "created_at": at,
        "data": json.dumps(data),
    } | more


def test_stages_are_told_by_the_stream_and_the_close_date_is_a_forecast(crm):
    amount = {"fields": ["amount"], "attributes": {"was": {"amount": 1}, "became": {"amount": 2}}}
    company = crm(
        opportunity=[
            {
                "id": "d",
                "name": "D",
                "stage": "Closed Won",
                "amount": 80,
                "amount_currency": "EUR",
                "close_date": "2026-02-01",
            }
        ],
        currency=[{"id": "EUR", "rate": 1.25}, {"id": "USD", "rate": 1}],
        note=[
            change("2026-02-10 10:00", "Prospecting", "Closed Lost"),
            change("2026-02-20 10:00", "Closed Lost", "Negotiation"),
            change("2026-02-25 10:00", "", "", data=json.dumps(amount)),
            change("2026-03-01 10:00", "Negotiation", "Closed Won"),
            change("2026-03-02 10:00", "Closed Won", "Proposal", deleted=True),
            change("2026-03-02 10:00", "A", "B", parent_type="Case"),
            {"type": "Post", "parent_type": "Opportunity", "parent_id": "d", "data": None},
        ],
    )
    rows = company.rows("stage_history", "stage_id", "outcome", "entered_at", "is_reconstructed")
    assert [(r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d}", r["is_reconstructed"]) for r in rows] == [
        ("Prospecting", "open", "01-05", False),
        ("Closed Lost", "lost", "02-10", False),
        ("Negotiation", "open", "02-20", False),
        ("Closed Won", "won", "03-01", False),
    ]
    found = company.by_key("opportunities", "outcome", "closed_at", "amount_base", "currency")["d"]
    assert (found[0], f"{found[1]:%m-%d}", *found[2:]) == ("won", "03-01", 100, "EUR")
    assert company.problems() == []


def test_without_the_stream_a_closing_is_told_by_its_day_within_the_life_of_the_row(crm):
    company = crm(
        opportunity=[
            {"id": "d", "name": "D", "stage": "Closed Won", "close_date": "2026-03-05"},
            {"id": "e", "name": "E", "stage": "Closed Lost", "close_date": "2027-03-05"},
            {"id": "f", "name": "F", "stage": "Proposal"},
            {"id": "g", "name": "G", "stage": "Proposal", "deleted": True},
        ]
    )
    closed = {key: at and f"{at:%m-%d}" for key, at in company.by_key("opportunities", "closed_at").items()}
    assert closed == {"d": "03-05", "e": "06-30", "f": None}
    assert company.by_key("stage_history", "stage_id", "is_reconstructed")[("d", 1)] == (None, True)
    assert company.problems() == []


def test_people_leads_cases_and_campaigns(crm):
    def event(action: str, at: str, **more: object) -> dict:
        return {
            "campaign_id": "k",
            "parent_id": "c",
            "parent_type": "Contact",
            "action": action,
            "action_date": at,
            "is_test": False,
        } | more

    company = crm(
        account=[{"id": "a", "name": "A", "billing_address_country": "de"}, {"id": "x", "name": "X", "deleted": True}],
        contact=[
            {"id": "c", "last_name": "Lee", "account_id": "a"},
            {"id": "e", "last_name": "Fox", "account_id": "x"},
        ],
        email_address=[
            {"id": "1", "name": "lee@x.example", "opt_out": True},
            {"id": "2", "name": "old@x.example", "opt_out": False},
        ],
        entity_email_address=[
            {"entity_id": "c", "entity_type": "Contact", "email_address_id": "2", "primary": False},
            {"entity_id": "c", "entity_type": "Contact", "email_address_id": "1", "primary": True},
        ],
        opportunity=[
            {"id": "d", "name": "D", "stage": "Proposal", "account_id": "a", "created_at": "2026-02-01 10:00"}
        ],
        lead=[
            {
                "id": "l",
                "last_name": "L",
                "status": "Converted",
                "created_opportunity_id": "d",
                "converted_at": "2026-02-01 10:00",
            },
            {"id": "m", "last_name": "M", "status": "Dead", "source": "Web Site"},
        ],
        case=[
            {"id": "t", "name": "T", "status": "Duplicate", "contact_id": "c"},
            {"id": "u", "name": "U", "status": "Pending"},
        ],
        campaign=[{"id": "k", "name": "K", "type": "Newsletter"}],
        campaign_log_record=[
            event("Sent", "2026-03-01 08:00"),
            event("Opened", "2026-03-01 09:00"),
            event("Opened", "2026-03-02 09:00"),
            event("Sent", "2026-03-01 08:00", parent_id="e", is_test=True),
        ],
        call=[
            {
                "id": "1",
                "status": "Held",
                "direction": "Inbound",
                "date_start": "2026-02-02 10:00",
                "parent_type": "Opportunity",
                "parent_id": "d",
            },
            {"id": "2", "status": "Planned", "date_start": "2027-02-02 10:00"},
        ],
        user=[{"id": "u1", "user_name": "ann", "is_active": True, "deleted": True, "type": "regular"}],
    )
    assert company.by_key("contacts", "customer_id", "email", "opted_out") == {
        "c": ("a", "lee@x.example", True),
        "e": (None, None, None),
    }
    assert company.by_key("customers", "country") == {"a": "DE"}
    assert company.by_key("leads", "status", "converted_opportunity_id", "channel") == {
        "l": ("converted", "d", None),
        "m": ("disqualified", None, "website"),
    }
    assert company.by_key("opportunities", "lead_id") == {"d": "l"}
    assert company.by_key("tickets", "status", "customer_id") == {"t": ("void", "a"), "u": ("pending", None)}
    members = company.rows("campaign_members", "member_key", "customer_id", "opens")
    assert [tuple(row.values()) for row in members] == [("c", "a", 2)]
    assert {key: at and f"{at:%m-%d}" for key, at in company.by_key("interactions", "done_at").items()} == {
        "1": "02-02",
        "2": None,
    }
    assert company.by_key("users", "is_active") == {"u1": False}
    assert company.problems() == []
