"""Twenty: every rule of its mapping on invented rows, with its own types: uuid, moments with an offset, enumerated stages."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import create_engine, text

from data_access.mappings.detect import detect
from tests.mappings.native import Native, reading

USUAL = "createdAt instant, updatedAt instant, deletedAt instant"
SCHEMA = f"""
workspaceMember: id uuid, nameFirstName text, nameLastName text, userEmail text, {USUAL}
company: id uuid, name text, domainNamePrimaryLinkUrl text, addressAddressCity text, addressAddressState text, addressAddressCountry text, employees float, accountOwnerId uuid, {USUAL}
person: id uuid, nameFirstName text, nameLastName text, emailsPrimaryEmail text, phonesPrimaryPhoneCallingCode text, phonesPrimaryPhoneNumber text, jobTitle text, companyId uuid, {USUAL}
opportunity: id uuid, name text, amountAmountMicros decimal, amountCurrencyCode text, closeDate instant, stage choice, pointOfContactId uuid, companyId uuid, ownerId uuid, {USUAL}
timelineActivity: id uuid, name text, properties json, happensAt instant, workspaceMemberId uuid, targetOpportunityId uuid, targetCompanyId uuid, {USUAL}
task: id uuid, title text, status choice, dueAt instant, assigneeId uuid, {USUAL}
taskTarget: id uuid, taskId uuid, personId uuid, companyId uuid, opportunityId uuid, {USUAL}
note: id uuid, title text, {USUAL}
noteTarget: id uuid, noteId uuid, personId uuid, companyId uuid, opportunityId uuid, {USUAL}
message: id uuid, subject text, receivedAt instant, {USUAL}
messageParticipant: id uuid, messageId uuid, personId uuid, workspaceMemberId uuid, role text, {USUAL}
messageChannelMessageAssociation: id uuid, messageId uuid, direction choice, {USUAL}
calendarEvent: id uuid, title text, startsAt instant, endsAt instant, isCanceled flag, {USUAL}
calendarEventParticipant: id uuid, calendarEventId uuid, personId uuid, workspaceMemberId uuid, {USUAL}
"""
OWN = '[settings]\nbase_currency = "USD"\n'
native = reading("twenty", SCHEMA, "postgresql")
BORN = "2026-01-05 09:00:00+01:00"
ANN, GONE = "a1", "a2"


def uuid(short: object) -> str:
    """A UUID that ends as is told."""
    return f"00000000-0000-4000-8000-{short:0>12}"


def key(short: object) -> object:
    return uuid(short) if isinstance(short, str | int) else short


@pytest.fixture
def crm(native):
    def make(own: str = OWN, without: tuple[str, ...] = (), **rows: list[dict]) -> Native:
        members = [
            {"id": ANN, "nameFirstName": "Ann", "userEmail": "ann@us.example"},
            {"id": GONE, "nameFirstName": "Bob", "userEmail": "bob@us.example", "deletedAt": "2026-02-01 10:00:00+00:00"},
        ]  # fmt: skip
        usual = {"createdAt": BORN, "updatedAt": "2026-06-30 12:00:00+00:00"}
        made = {
            table: [
                {name: key(value) if name == "id" or name.endswith("Id") else value for name, value in (usual | row).items()}
                for row in ({"id": f"{n}"} | row for n, row in enumerate(given, start=1))
            ]
            for table, given in ({"workspaceMember": members} | rows).items()
            if table not in without
        }  # fmt: skip
        return native(own=own, without=without, **made)

    return make


def entry(deal: str, at: str, before: str | None, after: str | None, **more: object) -> dict:
    """An entry of the timeline that says what was changed; entries of ten minutes are one."""
    diff = {"amount": {"before": None, "after": 1}}
    if after:
        diff["stage"] = {"before": before, "after": after}
    plain = {"name": "opportunity.updated", "targetOpportunityId": deal, "workspaceMemberId": ANN}
    return {**plain, "happensAt": at, "properties": {"diff": diff}, **more}


def numbered(*entries: dict) -> list[dict]:
    return [{"id": f"e{n}"} | one for n, one in enumerate(entries, start=1)]


def stays(company: Native, deal: str) -> list[tuple]:
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == uuid(deal)]
    assert [row["left_at"] for row in rows] == [*(row["entered_at"] for row in rows[1:]), None]
    return [(r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d %H:%M}", r["is_reconstructed"]) for r in rows]


def test_stages_are_told_by_the_timeline_and_the_close_date_is_a_forecast(crm):
    company = crm(
        opportunity=[
            {"id": "d", "name": "D", "stage": "CUSTOMER", "closeDate": "2026-02-01 00:00:00+00:00", "ownerId": ANN},
            {"id": "e", "name": "E", "stage": "NEW", "deletedAt": BORN},
        ],
        timelineActivity=numbered(
            {"name": "opportunity.created", "targetOpportunityId": "d", "happensAt": BORN, "properties": {"diff": None}},
            entry("d", "2026-02-01 11:00:00+01:00", "NEW", "LOST"),
            entry("d", "2026-02-10 10:00:00+00:00", "LOST", "MEETING"),
            entry("d", "2026-02-11 10:00:00+00:00", None, None),
            entry("d", "2026-02-12 10:00:00+00:00", "MEETING", "MEETING"),
            entry("d", "2026-02-13 10:00:00+00:00", "MEETING", "PROPOSAL", deletedAt=BORN),
            entry("d", "2026-02-14 10:00:00+00:00", "MEETING", "PROPOSAL", name="linked-task.updated"),
            entry("d", "2026-03-01 10:00:00+00:00", "MEETING", "CUSTOMER"),
            entry("e", "2026-03-01 10:00:00+00:00", "LOST", "NEW"),
        ),
    )  # fmt: skip
    assert stays(company, "d") == [
        ("NEW", "open", "01-05 08:00", False), ("LOST", "lost", "02-01 10:00", False), ("MEETING", "open", "02-10 10:00", False),
        ("CUSTOMER", "won", "03-01 10:00", False),
    ]  # fmt: skip
    assert company.by_key("opportunities", "outcome", "closed_at", "expected_close_date", "owner_id") == {
        uuid("d"): ("won", datetime(2026, 3, 1, 10), date(2026, 2, 1), uuid(ANN))
    }
    assert [row["is_backward"] for row in company.rows("stage_history")] == [False, False, True, False]
    assert [row["changed_by"] for row in company.rows("stage_history")] == [None, *[uuid(ANN)] * 3]
    assert company.ask("win_rate", "2026-03").result.value == 1
    assert company.problems() == []


def test_without_the_timeline_a_closing_is_told_by_its_day_within_the_life_of_the_row(crm):
    company = crm(
        opportunity=[
            {"id": "1", "stage": "CUSTOMER", "closeDate": "2026-03-05 00:00:00+00:00"},
            {"id": "2", "stage": "LOST", "closeDate": "2027-03-05 00:00:00+00:00"},
            {"id": "3", "stage": "PROPOSAL"},
            {"id": "4", "stage": "LOST", "closeDate": "2026-04-01 00:00:00+00:00"},
        ],
        timelineActivity=numbered(entry("4", "2026-02-01 10:00:00+00:00", "NEW", "MEETING")),
    )
    assert stays(company, "1") == [(None, "open", "01-05 08:00", True), ("CUSTOMER", "won", "03-05 00:00", True)]
    assert stays(company, "2")[-1] == ("LOST", "lost", "06-30 12:00", True)
    assert stays(company, "3") == [("PROPOSAL", "open", "01-05 08:00", True)]
    assert stays(company, "4") == [
        ("NEW", "open", "01-05 08:00", False), ("MEETING", "open", "02-01 10:00", False), ("LOST", "lost", "04-01 00:00", True),
    ]  # fmt: skip
    assert company.problems() == []


def test_amounts_are_millionths_and_a_stage_of_ones_own_is_named(crm):
    rates = '[[rates]]\ncurrency = "EUR"\nvalid_from = 2020-01-01\nrate_to_base = 1.25\n'
    company = crm(
        own=OWN + '[stage_outcomes]\n"PARKED" = "void"\n' + rates,
        opportunity=[
            {"id": "1", "stage": "NEW", "amountAmountMicros": 2_500_000_000, "amountCurrencyCode": "USD"},
            {"id": "2", "stage": "NEW", "amountAmountMicros": 1_500_000, "amountCurrencyCode": "EUR"},
            {"id": "3", "stage": "PARKED", "amountCurrencyCode": ""},
        ],
    )
    assert company.by_key("opportunities", "amount", "currency", "amount_base", "outcome") == {
        uuid(1): (2500, "USD", 2500, "open"),
        uuid(2): (1.5, "EUR", pytest.approx(1.875), "open"),
        uuid(3): (None, None, None, "void"),
    }
    assert company.problems() == []


def test_who_is_a_customer_and_which_company_is_ones_own(crm):
    company = crm(
        company=[
            {"id": "c1", "name": "Acme", "domainNamePrimaryLinkUrl": "https://www.Acme.example/", "employees": 60, "accountOwnerId": ANN,
             "addressAddressCountry": "de", "addressAddressCity": "Ulm"},
            {"id": "c2", "name": "Us", "domainNamePrimaryLinkUrl": "https://www.us.example/"},
            {"id": "c3", "name": "Left", "deletedAt": BORN},
            {"id": "c4", "name": "Nameless", "domainNamePrimaryLinkUrl": ""},
        ],
        person=[
            {"id": "1", "nameFirstName": "Lee", "emailsPrimaryEmail": "lee@x.example", "companyId": "c1",
             "phonesPrimaryPhoneCallingCode": "+49", "phonesPrimaryPhoneNumber": "123"},
            {"id": "2", "nameLastName": "Fox", "companyId": "c3"},
            {"id": "3", "nameFirstName": "Ann", "emailsPrimaryEmail": "Ann@us.example", "companyId": "c2"},
            {"id": "4", "nameFirstName": "Old", "deletedAt": BORN},
            {"id": "5", "emailsPrimaryEmail": "sue@x.example"},
        ],
        opportunity=[
            {"id": "d", "stage": "NEW", "companyId": "c1", "pointOfContactId": "1"},
            {"id": "e", "stage": "NEW", "companyId": "c3", "pointOfContactId": "2"},
            {"id": "f", "stage": "NEW", "pointOfContactId": "4"},
        ],
    )  # fmt: skip
    assert company.by_key("customers", "kind", "is_own_company", "size_band", "country") == {
        uuid("c1"): ("company", False, "50-249", "DE"),
        uuid("c2"): ("company", True, None, None),
        uuid("c4"): ("company", False, None, None),
        f"contact:{uuid(2)}": ("person", False, None, None),
    }
    assert company.by_key("contacts", "full_name", "customer_id", "phone") == {
        uuid(1): ("Lee", uuid("c1"), "+49 123"),
        uuid(2): ("Fox", f"contact:{uuid(2)}", None),
        uuid(5): ("sue@x.example", None, None),
    }
    assert company.by_key("opportunities", "customer_id", "contact_id", "owner_id") == {
        uuid("d"): (uuid("c1"), uuid(1), uuid(ANN)),
        uuid("e"): (f"contact:{uuid(2)}", uuid(2), None),
        uuid("f"): (None, None, None),
    }
    assert company.by_key("users", "name", "is_active") == {uuid(ANN): ("Ann", True), uuid(GONE): ("Bob", False)}
    assert company.problems() == []


def test_what_was_done(crm):
    company = crm(
        company=[{"id": "c1", "name": "Acme"}],
        person=[{"id": "b1", "nameFirstName": "Lee", "companyId": "c1"}],
        opportunity=[{"id": "d1", "stage": "NEW", "companyId": "c1", "pointOfContactId": "b1"}],
        task=[
            {"id": "1", "title": "T", "status": "DONE", "assigneeId": ANN},
            {"id": "2", "title": "U", "status": "TODO", "dueAt": "2026-03-01 10:00:00+00:00"},
            {"id": "3", "title": "V", "status": "DONE", "deletedAt": BORN},
        ],
        taskTarget=[{"taskId": "1", "opportunityId": "d1"}, {"id": "2", "taskId": "2", "personId": "b1", "deletedAt": BORN}],
        note=[{"id": "1", "title": "N"}],
        noteTarget=[{"noteId": "1", "companyId": "c1"}],
        message=[
            {"id": "1", "subject": "M", "receivedAt": "2026-02-02 10:00:00+00:00"},
            {"id": "2", "subject": "among us", "receivedAt": "2026-02-02 10:00:00+00:00"},
        ],
        messageParticipant=[
            {"id": "1", "messageId": "1", "personId": "b1"}, {"id": "2", "messageId": "1", "workspaceMemberId": ANN},
            {"id": "3", "messageId": "2", "workspaceMemberId": ANN},
        ],
        messageChannelMessageAssociation=[{"messageId": "1", "direction": "INCOMING"}],
        calendarEvent=[
            {"id": "1", "startsAt": "2026-02-03 10:00:00+00:00", "isCanceled": False},
            {"id": "2", "startsAt": "2026-02-03 10:00:00+00:00", "isCanceled": True},
        ],
        calendarEventParticipant=[
            {"id": "1", "calendarEventId": "1", "personId": "b1"}, {"id": "2", "calendarEventId": "2", "personId": "b1"},
        ],
    )  # fmt: skip
    assert company.by_key("interactions", "direction", "customer_id", "opportunity_id", "owner_id", "done_at") == {
        f"mail:{uuid(1)}": ("inbound", uuid("c1"), None, uuid(ANN), datetime(2026, 2, 2, 10)),
        f"meeting:{uuid(1)}": (None, uuid("c1"), None, None, datetime(2026, 2, 3, 10)),
        f"note:{uuid(1)}": (None, uuid("c1"), None, None, datetime(2026, 1, 5, 8)),
        f"task:{uuid(1)}": (None, uuid("c1"), uuid("d1"), uuid(ANN), datetime(2026, 6, 30, 12)),
        f"task:{uuid(2)}": (None, None, None, None, None),
    }
    assert company.problems() == []


def test_a_workspace_without_mail_calendar_tasks_timeline_or_owners_is_read(native):
    schema = (
        "message",
        "messageParticipant",
        "messageChannelMessageAssociation",
        "calendarEvent",
        "calendarEventParticipant",
    )
    usual = {"createdAt": BORN, "updatedAt": BORN}
    company = native(
        own=OWN,
        without=(*schema, "timelineActivity", "task", "taskTarget", "opportunity.ownerId"),
        opportunity=[usual | {"id": uuid(1), "stage": "NEW"}],
        note=[usual | {"id": uuid(1), "title": "N"}],
    )  # fmt: skip
    assert stays(company, "1") == [("NEW", "open", "01-05 08:00", True)]
    assert list(company.by_key("interactions", "kind").values()) == ["note"]
    assert company.problems() == []


def test_a_workspace_is_recognised_in_its_own_schema_and_targets_under_either_name(crm):
    company = crm(
        own='schema = "workspace_1a2b"\n' + OWN,
        opportunity=[{"id": "d", "stage": "CUSTOMER"}],
        timelineActivity=numbered(entry("d", "2026-03-01 10:00:00+00:00", "NEW", "CUSTOMER")),
    )
    engine = create_engine(company.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA workspace_1a2b"))
        connection.execute(text("GRANT USAGE ON SCHEMA workspace_1a2b TO PUBLIC"))
        for line in SCHEMA.strip().splitlines():
            name = line.partition(":")[0]
            connection.execute(text(f'ALTER TABLE "{name}" SET SCHEMA workspace_1a2b'))
        for renamed in (
            '"timelineActivity" RENAME "targetOpportunityId" TO "opportunityId"',
            '"noteTarget" RENAME "personId" TO "targetPersonId"',
        ):
            connection.execute(text(f"ALTER TABLE workspace_1a2b.{renamed}"))
        found = [(one.manifest.id, one.schema) for one in detect(connection) if one.fits]
    engine.dispose()
    assert found == [("twenty", "workspace_1a2b")]
    assert stays(company, "d")[-1] == ("CUSTOMER", "won", "03-01 10:00", False)
    assert "interactions" in company.mapped.columns
    assert company.problems() == []
