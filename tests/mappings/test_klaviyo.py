"""Klaviyo as Fivetran lands it: invented rows, and the published test schema where it is there."""

import hashlib

import pytest

from tests.mappings.native import reading
from tests.mappings.seeds import company_of

SCHEMA = """
person: id text, email text, first_name text, country text, created moment, _fivetran_deleted flag
campaign: id text, name text, campaign_type text, status text, sent_at moment
flow: id text, name text, trigger_type text, created moment
metric: id text, name text
event: id text, person_id text, campaign_id text, flow_id text, flow_message_id text, metric_id text, type text, _variation text, datetime moment, property_bounce_type text, property_apple_privacy_open text
"""
OWN = """
[settings]
base_currency = "EUR"
timezone = "UTC"
"""
crm = reading("klaviyo", SCHEMA, "sqlite", "postgresql")

ANN = {"id": "P1", "email": " Ann@Web.de", "created": "2025-01-01"}
NEWS = {"id": "C1", "name": "News", "campaign_type": "Email", "sent_at": "2026-03-01 10:00"}


def event(id, type, at, **more):
    """An event of the campaign for Ann."""
    return {"id": id, "person_id": "P1", "campaign_id": "C1", "type": type, "datetime": at, "_variation": "B"} | more


def test_one_row_per_person_and_message_without_opens_that_apple_makes(crm):
    flow = {"campaign_id": None, "flow_id": "F1", "_variation": None}
    company = crm(
        own=OWN,
        person=[ANN, {**ANN, "id": "P2", "email": "gone@web.de", "_fivetran_deleted": True}],
        campaign=[NEWS],
        flow=[{"id": "F1", "name": "Welcome", "trigger_type": "List", "created": "2025-06-01"}],
        metric=[{"id": "M1", "name": "Opened Email"}],
        event=[
            event("1", "Received Email", "2026-03-01 10:00"),
            event("2", "Opened Email", "2026-03-01 10:01", property_apple_privacy_open="true"),
            event("3", None, "2026-03-02 10:00", metric_id="M1"),
            event("4", "Clicked Email", "2026-03-02 10:05"),
            event("5", "Bounced Email", "2026-03-01 10:00", person_id="P2", property_bounce_type="Hard"),
            event("6", "Received Email", "2026-03-05 10:00", **flow, flow_message_id="A"),
            event("7", "Received Email", "2026-03-07 10:00", **flow, flow_message_id="B"),
            event("8", "Opened Email", "2026-03-07 11:00", **flow, flow_message_id="B"),
            event("9", "Placed Order", "2026-03-07 12:00", campaign_id=None),
        ],
    )  # fmt: skip
    members = company.rows("campaign_members")
    assert [
        (row["campaign_id"], row["member_key"], row["opens"], row["clicks"], row["variant"], row["bounce_kind"])
        for row in members
    ] == [
        ("C1", "P1", 1, 1, "B", None),
        ("C1", "P2", 0, 0, "B", "hard"),
        ("flow:F1", "P1", 0, 0, None, None),
        ("flow:F1", "P1", 1, 0, None, None),
    ]
    assert [row["customer_id"] for row in members] == ["P1", None, "P1", "P1"]
    assert "is_control" not in company.mapped.columns["campaign_members"]
    assert company.by_key("touchpoints", "kind", "campaign_id") == {
        "3": ("email", "C1"),
        "4": ("click", "C1"),
        "8": ("email", "flow:F1"),
    }
    assert company.by_key("customers", "email_key") == {"P1": hashlib.sha256(b"ann@web.de").hexdigest()}
    assert company.problems() == []


def test_a_message_of_a_flow_that_is_sent_again_is_another_send(crm):
    flow = {"campaign_id": None, "flow_id": "F1", "flow_message_id": "A", "_variation": None}
    company = crm(
        own=OWN,
        person=[ANN],
        flow=[{"id": "F1", "name": "Cart", "trigger_type": "Metric", "created": "2025-06-01"}],
        event=[
            event("1", "Received Email", "2026-03-01 10:00", **flow),
            event("2", "Opened Email", "2026-03-01 12:00", **flow),
            event("3", "Received Email", "2026-04-01 10:00", **flow),
            event("4", "Opened Email", "2026-04-01 12:00", **flow),
            event("5", "Clicked Email", "2026-04-01 12:01", **flow),
        ],
    )
    found = [(str(row["sent_at"])[:10], row["opens"], row["clicks"]) for row in company.rows("campaign_members")]
    assert found == [("2026-03-01", 1, 0), ("2026-04-01", 1, 1)]
    assert [str(row["opened_at"])[:10] for row in company.rows("campaign_members")] == ["2026-03-01", "2026-04-01"]
    assert company.problems() == []


def test_text_messages_have_their_own_channel(crm):
    company = crm(
        own=OWN,
        person=[ANN],
        campaign=[{**NEWS, "campaign_type": "SMS"}],
        event=[event("1", "Received SMS", "2026-03-01 10:00"), event("2", "Clicked SMS", "2026-03-01 10:30")],
    )
    assert company.by_key("campaigns", "channel") == {"C1": "sms"}
    assert company.by_key("touchpoints", "channel", "kind") == {"2": ("sms", "click")}
    assert company.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_published_schema_is_read(kind, tmp_path):
    company = company_of("klaviyo", kind, tmp_path, own=OWN)
    assert (
        len(company.rows("campaign_members", "member_key")) == 2
    )  # of four events one is an order, one has no campaign
    assert company.problems("unknown_reference") == []  # the rows name campaigns that are not among them
