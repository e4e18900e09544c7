"""HubSpot as Airbyte lands it: the streams' own names, properties as columns or as JSON, lists of what belongs together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine

from data_access.mappings.detect import detect
from tests.mappings.native import Native, reading

USUAL = "properties json, createdAt instant, updatedAt instant, archived flag"
COLUMNS = {  # the properties that the connector may also give as columns, with their kinds
    "companies": {"name": "text", "domain": "text", "country": "text", "numberofemployees": "decimal", "createdate": "instant"},
    "contacts": {"email": "text", "firstname": "text", "associatedcompanyid": "text", "lifecyclestage": "text", "createdate": "instant",
                 "hs_merged_object_ids": "text", "hs_email_optout": "text"},
    "deals": {"dealname": "text", "dealstage": "text", "pipeline": "text", "amount": "decimal", "amount_in_home_currency": "decimal",
              "deal_currency_code": "text", "closedate": "instant", "createdate": "instant", "hs_lastmodifieddate": "instant",
              "hubspot_owner_id": "text", "hs_merged_object_ids": "text", "hs_primary_associated_company": "decimal",
              "closed_lost_reason": "text", "dealtype": "text"},
    "line_items": {"hs_product_id": "text", "quantity": "text", "price": "text", "amount": "text"},
    "products": {"name": "text", "price": "text"},
    "tickets": {"subject": "text", "createdate": "instant", "closed_date": "instant", "hs_pipeline": "text", "hs_pipeline_stage": "text"},
    "engagements_calls": {"hs_timestamp": "instant", "hs_call_direction": "text", "hs_call_duration": "decimal"},
    "engagements_tasks": {"hs_timestamp": "instant", "hs_task_status": "text"},
}  # fmt: skip
LISTS = {
    "contacts": ("companies",),
    "deals": ("companies", "contacts", "line_items"),
    "tickets": ("companies", "contacts"),
    "engagements_calls": ("contacts", "companies", "deals"),
    "engagements_tasks": ("contacts", "companies", "deals"),
}
OTHERS = """
deal_pipelines: pipelineId text, label text, stages json
ticket_pipelines: pipelineId text, label text, stages json
deals_property_history: dealId decimal, property text, value text, timestamp text
deals_archived: id text, archivedAt instant
owners: id text, email text, firstName text, lastName text, archived flag, teams json, updatedAt instant
contacts_merged_audit: canonical-vid whole, vid-to-merge whole
campaigns: id whole, name text, subject text, type text
email_events: id text, type text, created whole, emailCampaignId whole, recipient text, filteredEvent flag, sentBy json, obsoletedBy json, category text, portalSubscriptionStatus text
"""


SCHEMA = (
    "\n".join(
        f"{name}: {', '.join(['id text', USUAL, *(f'{one} json' for one in LISTS.get(name, ())), *(f'properties_{one} {kind}' for one, kind in columns.items())])}"
        for name, columns in COLUMNS.items()
    )
    + OTHERS
)
AS_COLUMNS = tuple(f"{table}.properties_{one}" for table, columns in COLUMNS.items() for one in columns)
native = reading("hubspot_airbyte", SCHEMA, "postgresql")
in_a_file = reading("hubspot_airbyte", SCHEMA, "duckdb")
OWN = '[settings]\nbase_currency = "USD"\ntimezone = "UTC"\n'
BORN, WRITTEN = "2026-01-05T10:00:00+00:00", "2026-06-30T10:00:00+00:00"
STAGES = [
    {"stageId": "new", "label": "New", "displayOrder": 0, "metadata": {"isClosed": "false", "probability": "0.2"}},
    {"stageId": "offer", "label": "Offer", "displayOrder": 1, "metadata": {"isClosed": "false", "probability": "1.0"}},
    {"stageId": "7781", "label": "Lost?", "displayOrder": 2, "metadata": {"isClosed": "true", "probability": "1.0"}},
    {"stageId": "7782", "label": "Won over", "displayOrder": 3, "metadata": {"isClosed": "true", "probability": "0.0"}},
]
MILLIS = {"02-01": 1769940000000, "03-01": 1772359200000, "03-02": 1772445600000}  # at 10:00


@pytest.fixture(params=["columns", "json"])
def crm(request: pytest.FixtureRequest, native):
    without = () if request.param == "columns" else AS_COLUMNS

    def row(table: str, given: dict[str, Any]) -> dict[str, Any]:
        """A record: what is no column of the stream is one of its properties."""
        if table not in COLUMNS:
            return given
        own = {"id", "archived", "createdAt", "updatedAt", *LISTS.get(table, ())}
        told = {name: value for name, value in given.items() if name not in own}
        placed = (
            {f"properties_{name}": value for name, value in told.items()}
            if request.param == "columns"
            else {
                "properties": {
                    name: value if value is None else str(value).replace("+00:00", ".000Z")
                    for name, value in told.items()
                }
            }
        )
        usual = {"archived": False, "createdAt": BORN, "updatedAt": WRITTEN}
        return usual | {name: value for name, value in given.items() if name in own} | placed

    def make(**rows: list[dict]) -> Native:
        made = {"deal_pipelines": [{"pipelineId": "p", "label": "Sales", "stages": STAGES}]} | rows
        return native(
            own=OWN, without=without, **{table: [row(table, one) for one in given] for table, given in made.items()}
        )

    return make


def deal(id: str, stage: str = "new", **more: Any) -> dict[str, Any]:
    plain = {"dealname": f"Deal {id}", "dealstage": stage, "pipeline": "p", "amount": 100, "createdate": BORN}
    return {"id": id, **plain, "hs_lastmodifieddate": WRITTEN, **more}


def moved(deal: int, stage: str, at: Any, **more: Any) -> dict[str, Any]:
    return {"dealId": deal, "property": "dealstage", "value": stage, "timestamp": str(at), **more}


def stays(company: Native, deal: str) -> list[tuple]:
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == deal]
    assert [row["left_at"] for row in rows] == [*(row["entered_at"] for row in rows[1:]), None]
    return [(r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d %H:%M}", r["is_reconstructed"]) for r in rows]


def test_stages_are_told_by_the_history_of_properties_however_its_moments_are_written(crm):
    company = crm(
        deals=[
            deal("1", "7781", closedate="2026-02-15T00:00:00+00:00"),
            deal("2", "7782", closedate="2026-04-01T00:00:00+00:00", closed_lost_reason="Dear"),
            deal("3", "offer"),
        ],
        deals_property_history=[
            moved(1, "new", BORN),
            moved(1, "7782", MILLIS["02-01"]),
            moved(1, "offer", "2026-02-10T10:00:00Z"),
            moved(1, "7781", MILLIS["03-01"]),
            moved(1, "new", MILLIS["03-02"], property="amount"),
        ],
    )
    assert stays(company, "1") == [
        ("new", "open", "01-05 10:00", False), ("7782", "lost", "02-01 10:00", False), ("offer", "open", "02-10 10:00", False),
        ("7781", "won", "03-01 10:00", False),
    ]  # fmt: skip
    assert stays(company, "2") == [(None, "open", "01-05 10:00", True), ("7782", "lost", "04-01 00:00", True)]
    assert stays(company, "3") == [("offer", "open", "01-05 10:00", True)]
    assert company.by_key("opportunities", "outcome", "closed_at", "lost_reason") == {
        "1": ("won", datetime(2026, 3, 1, 10), None),
        "2": ("lost", datetime(2026, 4, 1), "Dear"),
        "3": ("open", None, None),
    }
    assert company.by_key("pipelines_stages", "outcome", "position") == {
        "new": ("open", 0), "offer": ("open", 1), "7781": ("won", 2), "7782": ("lost", 3),
    }  # fmt: skip
    assert company.ask("win_rate", "2026").result.value == 0.5
    assert company.problems() == []


def test_deals_that_were_archived_or_merged_are_marked(crm):
    company = crm(
        deals=[
            deal("1", "7781", hs_merged_object_ids="3;22"), deal("2"), deal("3"), deal("4"), deal("5", archived=True), deal("6"),
        ],
        deals_archived=[
            {"id": "4", "archivedAt": "2026-07-01T10:00:00+00:00"},
            {"id": "6", "archivedAt": "2026-03-01T10:00:00+00:00"},  # and taken back
        ],
    )  # fmt: skip
    assert company.by_key("opportunities", "is_deleted_in_source") == {
        "1": False, "2": False, "3": True, "4": True, "5": True, "6": False,
    }  # fmt: skip
    assert company.ask("win_rate", "2026").result.value == 1


def test_the_primary_company_is_the_customer_and_merged_contacts_are_gone(crm):
    company = crm(
        companies=[
            {"id": "10", "name": "Acme", "country": "Germany", "numberofemployees": 60, "createdate": BORN},
            {"id": "11", "name": "Bee"},
            {"id": "12", "name": "Gone", "archived": True},
        ],
        contacts=[
            {"id": "20", "email": "Lee@x.example", "firstname": "Lee", "companies": ["10", "11"], "lifecyclestage": "opportunity",
             "hs_merged_object_ids": "23", "hs_email_optout": "true"},
            {"id": "21", "email": "fox@x.example", "associatedcompanyid": "11", "companies": ["10"]},
            {"id": "22", "email": "sue@x.example", "companies": []},
            {"id": "23", "email": "lee2@x.example"},
            {"id": "24", "email": "old@x.example"},
        ],
        contacts_merged_audit=[{"canonical-vid": 20, "vid-to-merge": 24}],
        deals=[
            deal("1", companies=["10", "11", "11"], contacts=["20"]),
            deal("2", companies=[11, 10, 10], hs_primary_associated_company=11),
            deal("3", companies=[], contacts=["22", "22"]),
            deal("4", hubspot_owner_id="7"),
        ],
        owners=[
            {"id": "7", "email": "ann@us.example", "firstName": "Ann", "archived": False,
             "teams": [{"id": "t1", "name": "A", "primary": False}, {"id": "t2", "name": "B", "primary": True}]},
            {"id": "8", "email": "bob@us.example", "archived": True, "teams": None},
        ],
    )  # fmt: skip
    assert company.by_key("opportunities", "customer_id", "contact_id", "owner_id") == {
        "1": ("11", "20", None),
        "2": ("11", None, None),
        "3": ("contact:22", "22", None),
        "4": (None, None, "7"),
    }
    assert company.by_key("customers", "kind", "country", "size_band") == {
        "10": ("company", "DE", "50-249"),
        "11": ("company", None, None),
        "contact:22": ("person", None, None),
    }
    assert company.by_key("contacts", "customer_id", "opted_out") == {
        "20": ("10", True),
        "21": ("11", None),
        "22": ("contact:22", None),
    }
    assert company.by_key("leads", "status", "converted_opportunity_id") == {"20": ("converted", "1")}
    assert company.by_key("users", "is_active", "team_id") == {"7": (True, "t2"), "8": (False, None)}
    assert company.by_key("teams", "name") == {"t1": "A", "t2": "B"}
    assert company.problems() == []


def test_amounts_products_and_tickets(crm):
    company = crm(
        deals=[
            deal("1", amount=200, deal_currency_code="EUR", amount_in_home_currency=250, line_items=["31"]),
            deal("2", amount=None),
        ],
        products=[{"id": "41", "name": "Thing", "price": "12.50"}],
        line_items=[{"id": "31", "hs_product_id": "41", "quantity": "2", "price": "12.5"}],
        companies=[{"id": "10", "name": "Acme"}, {"id": "11", "name": "Bee"}],
        ticket_pipelines=[
            {"pipelineId": "0", "label": "Help", "stages": [
                {"stageId": "1", "label": "Waiting on contact", "metadata": {"ticketState": "OPEN", "isClosed": "false"}},
                {"stageId": "4", "label": "Done", "metadata": {"ticketState": "CLOSED", "isClosed": "true"}},
            ]},
        ],
        tickets=[
            {"id": "1", "subject": "S", "createdate": BORN, "closed_date": "2026-01-06T10:00:00+00:00", "hs_pipeline": "0",
             "hs_pipeline_stage": "4", "companies": ["10", "11", "11"]},
            {"id": "2", "subject": "T", "createdate": BORN, "hs_pipeline": "0", "hs_pipeline_stage": "1"},
            {"id": "3", "subject": "U", "createdate": BORN, "archived": True},
        ],
    )  # fmt: skip
    assert company.by_key("opportunities", "amount", "currency", "amount_base") == {
        "1": (200, "EUR", 250),
        "2": (None, None, None),
    }
    lines = company.rows("opportunity_lines", "opportunity_id", "product_id", "quantity", "net_amount", "currency")
    assert [tuple(row.values()) for row in lines] == [("1", "41", 2, 25, "EUR")]
    assert company.by_key("products", "list_price") == {"41": 12.5}
    assert company.by_key("tickets", "status", "customer_id", "closed_at") == {
        "1": ("closed", "11", datetime(2026, 1, 6, 10)),
        "2": ("pending", None, None),
    }
    assert company.problems() == []


def test_engagements_and_what_was_sent(crm):
    def event(id: str, kind: str, at: str, **more: Any) -> dict[str, Any]:
        plain = {"emailCampaignId": 5, "recipient": "Lee@x.example", "filteredEvent": False}
        return {"id": id, "type": kind, "created": MILLIS[at], **plain, **more}

    company = crm(
        contacts=[{"id": "20", "email": "lee@x.example", "companies": []}],
        deals=[deal("1", contacts=["20"])],
        engagements_calls=[
            {"id": "51", "hs_timestamp": "2026-02-02T10:00:00+00:00", "hs_call_direction": "INBOUND", "hs_call_duration": 90000,
             "contacts": ["20"], "deals": ["1"]},
            {"id": "52", "hs_timestamp": "2026-02-02T10:00:00+00:00", "archived": True},
        ],
        engagements_tasks=[{"id": "53", "hs_timestamp": "2026-03-02T10:00:00+00:00", "hs_task_status": "NOT_STARTED"}],
        campaigns=[{"id": 5, "name": "News"}],
        email_events=[
            event("s", "SENT", "02-01"),
            event("o", "OPEN", "03-01", sentBy={"id": "s", "created": MILLIS["02-01"]}),
            event("p", "OPEN", "03-02", sentBy={"id": "s", "created": MILLIS["02-01"]}),
            event("q", "CLICK", "03-01", sentBy={"id": "s"}, filteredEvent=True),
            event("r", "CLICK", "03-01", sentBy={"id": "s"}, obsoletedBy={"id": "x"}),
        ],
    )  # fmt: skip
    done = company.by_key("interactions", "kind", "direction", "opportunity_id", "contact_id", "duration_s", "done_at")
    assert done == {
        "51": ("call", "inbound", "1", "20", 90, datetime(2026, 2, 2, 10)),
        "53": ("task", None, None, None, None, None),
    }
    sent = company.rows("campaign_members", "campaign_id", "contact_id", "sent_at", "opened_at", "clicked_at", "opens")
    assert [tuple(row.values()) for row in sent] == [
        ("5", "20", datetime(2026, 2, 1, 10), datetime(2026, 3, 1, 10), None, 2)
    ]
    assert company.problems() == []


def test_the_streams_are_recognised(native):
    company = native(own=OWN)
    engine = create_engine(company.url)
    with engine.connect() as connection:
        assert {one.manifest.id for one in detect(connection) if one.fits} == {"hubspot_airbyte"}
    engine.dispose()


def test_a_file_is_read_as_well(in_a_file):
    properties = {"dealstage": "7781", "pipeline": "p", "amount": "100", "hs_merged_object_ids": "2"}
    usual = {"createdAt": BORN, "updatedAt": WRITTEN}
    company = in_a_file(
        own=OWN,
        without=AS_COLUMNS,
        deal_pipelines=[{"pipelineId": "p", "label": "Sales", "stages": STAGES}],
        deals=[
            usual | {"id": "1", "properties": properties, "companies": ["10"]},
            usual | {"id": "2", "properties": {"dealstage": "new"}},
        ],
        companies=[usual | {"id": "10", "properties": {"name": "Acme"}}],
    )
    assert company.by_key("opportunities", "outcome", "amount_base", "customer_id", "is_deleted_in_source") == {
        "1": ("won", 100, "10", False),
        "2": ("open", None, None, True),
    }
