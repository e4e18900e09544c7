"""Zendesk as Fivetran lands it: invented rows, and the published test schema where it is there."""

import hashlib

import pytest

from tests.mappings.native import reading
from tests.mappings.seeds import company_of, truths

SCHEMA = """
user: id whole, name text, email text, role text, organization_id whole, active flag, suspended flag, created_at moment
organization: id whole, name text, created_at moment
domain_name: organization_id whole, domain_name text
group: id whole, name text
ticket: id whole, requester_id whole, assignee_id whole, organization_id whole, group_id whole, subject text, type text, priority text, status text, via_channel text, merged_ticket_ids text, created_at moment, updated_at moment
ticket_comment: id whole, ticket_id whole, user_id whole, created moment, public flag
ticket_field_history: ticket_id whole, field_name text, value text, updated moment
ticket_tag: ticket_id whole, tag text
"""
OWN = """
[settings]
base_currency = "EUR"
timezone = "UTC"
"""
crm = reading("zendesk", SCHEMA, "sqlite", "postgresql")

PEOPLE = [
    {"id": 1, "name": "Ann", "email": "Ann@web.de", "role": "end-user", "created_at": "2025-01-01"},
    {
        "id": 2,
        "name": "Bob",
        "email": "bob@acme.com",
        "role": "end-user",
        "organization_id": 7,
        "created_at": "2025-01-01",
    },
    {"id": 9, "name": "Una", "email": "una@we.de", "role": "agent", "created_at": "2025-01-01"},
]
ACME = [{"id": 7, "name": "Acme", "created_at": "2025-01-01"}]


def ticket(id, status="open", **more):
    """A ticket of Ann's of 1 February."""
    row = {"id": id, "requester_id": 1, "status": status, "via_channel": "email", "merged_ticket_ids": "[]"}
    return row | {"created_at": "2026-02-01 10:00", "updated_at": "2026-02-09 10:00"} | more


def logged(ticket, *steps):
    """Rows of the log of statuses: value and moment."""
    return [{"ticket_id": ticket, "field_name": "status", "value": value, "updated": at} for value, at in steps]


def moments(company, table, column):
    """Moments of a table by its key, to the minute."""
    found = company.by_key(table, column)
    return {key: str(at)[:16] if at is not None else None for key, at in found.items()}


def test_merged_and_deleted_tickets_leave_the_counts(crm):
    company = crm(
        own=OWN,
        user=PEOPLE,
        ticket=[ticket(1, merged_ticket_ids="[2]"), ticket(2, "closed"), ticket(3, "deleted"), ticket(4, "closed"),
                ticket(5, "hold", merged_ticket_ids=""), ticket(6, "new", merged_ticket_ids=None)],
        ticket_tag=[{"ticket_id": 4, "tag": "closed_by_merge"}, {"ticket_id": 5, "tag": "complaint"}, {"ticket_id": 5, "tag": "x"}],
    )  # fmt: skip
    assert company.by_key("tickets", "status", "is_complaint") == {
        "1": ("open", False),
        "2": ("void", False),
        "3": ("void", False),
        "4": ("void", False),
        "5": ("pending", True),
        "6": ("open", False),
    }
    assert company.problems() == []


def test_the_first_answer_is_a_public_one_of_an_agent_after_the_opening(crm):
    def comment(id, at, who=9, public=True):
        return {"id": id, "ticket_id": 1, "user_id": who, "created": at, "public": public}

    company = crm(
        own=OWN,
        user=PEOPLE,
        ticket=[ticket(1)],
        ticket_comment=[
            comment(1, "2026-02-01 10:00"),  # an agent opened it for her
            comment(2, "2026-02-01 10:10", who=1),
            comment(3, "2026-02-01 10:20", public=False),
            comment(4, "2026-02-01 11:00"),
            comment(5, "2026-02-01 12:00"),
        ],
    )
    assert moments(company, "tickets", "first_response_at") == {"1": "2026-02-01 11:00"}
    assert company.by_key("tickets", "replies") == {"1": 2}
    assert company.problems() == []


def test_an_agent_who_left_and_is_an_end_user_now_keeps_tickets_and_answers(crm):
    left = {"id": 8, "name": "Leo", "role": "end-user", "suspended": True, "created_at": "2025-01-01"}
    company = crm(
        own=OWN,
        user=[*PEOPLE, left],
        ticket=[ticket(1, "closed", assignee_id=8), ticket(2, assignee_id=9)],
        ticket_comment=[
            {"id": 1, "ticket_id": 1, "user_id": 8, "created": "2026-02-01 11:00", "public": True},
            {"id": 2, "ticket_id": 2, "user_id": 8, "created": "2026-02-01 12:00", "public": True},
        ],
    )
    assert company.by_key("users", "is_active") == {"8": False, "9": True}
    assert company.by_key("tickets", "owner_id", "replies") == {"1": ("8", 1), "2": ("9", 1)}
    assert moments(company, "tickets", "first_response_at") == {"1": "2026-02-01 11:00", "2": "2026-02-01 12:00"}
    assert "8" not in company.by_key("contacts", "full_name")
    assert company.problems() == []


def test_the_log_of_statuses_gives_solving_reopening_and_contiguous_stays(crm):
    company = crm(
        own=OWN,
        user=PEOPLE,
        ticket=[ticket(1, "closed"), ticket(2, "solved")],
        ticket_field_history=[
            *logged(1, ("new", "2026-02-01 10:01"), ("open", "2026-02-01 11:00"), ("solved", "2026-02-02 10:00"),
                    ("open", "2026-02-03 10:00"), ("pending", "2026-02-03 11:00"), ("solved", "2026-02-04 10:00"),
                    ("closed", "2026-02-08 10:00")),
            {"ticket_id": 1, "field_name": "satisfaction_score", "value": "bad", "updated": "2026-02-05 10:00"},
            {"ticket_id": 1, "field_name": "satisfaction_score", "value": "good", "updated": "2026-02-06 10:00"},
            {"ticket_id": 2, "field_name": "satisfaction_score", "value": "offered", "updated": "2026-02-06 10:00"},
        ],
    )  # fmt: skip
    assert moments(company, "tickets", "resolved_at") == {"1": "2026-02-04 10:00", "2": "2026-02-09 10:00"}
    assert moments(company, "tickets", "closed_at") == {"1": "2026-02-08 10:00", "2": None}
    assert company.by_key("tickets", "reopened_count", "satisfaction") == {"1": (1, 1), "2": (0, None)}
    assert [(row["status"], str(row["entered_at"])[:16]) for row in company.rows("ticket_history")] == [
        ("open", "2026-02-01 10:00"),
        ("resolved", "2026-02-02 10:00"),
        ("open", "2026-02-03 10:00"),
        ("pending", "2026-02-03 11:00"),
        ("resolved", "2026-02-04 10:00"),
        ("closed", "2026-02-08 10:00"),
    ]
    assert company.problems() == []


def test_who_has_an_organisation_counts_with_it_and_agents_are_no_customers(crm):
    company = crm(
        own=OWN,
        user=PEOPLE,
        organization=ACME,
        domain_name=[{"organization_id": 7, "domain_name": "Acme.com"}],
        group=[{"id": 3, "name": "Help"}],
        ticket=[
            ticket(1),
            ticket(2, requester_id=2, assignee_id=9, group_id=3, via_channel="voice"),
            ticket(3, requester_id=9),
        ],
    )
    assert company.by_key("customers", "kind", "email_key") == {
        "1": ("person", hashlib.sha256(b"ann@web.de").hexdigest()),
        "organization:7": ("company", None),
    }
    assert company.by_key("tickets", "customer_id", "owner_id", "team_id", "channel") == {
        "1": ("1", None, None, "email"),
        "2": ("organization:7", "9", "3", "phone"),
        "3": (None, None, None, "email"),
    }
    assert list(company.by_key("users", "name")) == ["9"]
    assert company.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_published_schema_is_read_and_every_row_is_there(kind, tmp_path):
    company = company_of("zendesk", kind, tmp_path, own=OWN)
    told = {status: int(n) for status, n in truths()["zendesk_ticket_status"]["value"]}
    raw = [row["status_raw"] for row in company.rows("tickets", "status_raw")]
    assert {status: raw.count(status) for status in raw} == told
    void = [row["status_raw"] for row in company.rows("tickets", "status_raw", "status") if row["status"] == "void"]
    assert void.count("deleted") == told["deleted"]
    assert company.problems() == []
