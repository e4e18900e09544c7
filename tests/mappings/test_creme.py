"""creme 2.8: every rule of its mapping on invented rows."""

from __future__ import annotations

import json

import pytest

from tests.mappings.native import Native, reading

SCHEMA = """
creme_core_cremeentity: id whole, created moment, modified moment, is_deleted flag, user_id whole
creme_core_cremeuser: id whole, username text, first_name text, last_name text, email text, is_active flag, is_team flag
creme_core_currency: id whole, international_symbol text, is_default flag
creme_core_relation: id whole, type_id text, subject_entity_id whole, object_entity_id whole
creme_core_historyline: id whole, entity_id whole, date moment, type whole, value text, username text
persons_organisation: cremeentity_ptr_id whole, name text, email text, phone text, is_managed flag, billing_address_id whole, sector_id whole, staff_size_id whole
persons_contact: cremeentity_ptr_id whole, first_name text, last_name text, email text, phone text, mobile text, full_position text, is_user_id whole, billing_address_id whole, sector_id whole
persons_address: id whole, city text, department text, country text
persons_sector: id whole, title text
persons_staffsize: id whole, size text
opportunities_opportunity: cremeentity_ptr_id whole, name text, sales_phase_id whole, estimated_sales whole, made_sales whole, chance_to_win whole, currency_id whole, origin_id whole, expected_closing_date day, closing_date day
opportunities_salesphase: id whole, name text, order whole, won flag, lost flag, uuid uuid
opportunities_origin: id whole, name text
billing_invoice: cremeentity_ptr_id whole, number text, issuing_date day, status_id whole, currency_id whole, total_no_vat decimal, total_vat decimal
billing_invoicestatus: id whole, name text, uuid uuid
billing_creditnote: cremeentity_ptr_id whole, number text, issuing_date day, status_id whole, currency_id whole, total_no_vat decimal, total_vat decimal
billing_creditnotestatus: id whole, name text, uuid uuid
tickets_ticket: cremeentity_ptr_id whole, title text, status_id whole, priority_id whole, criticity_id whole, closing_date moment
tickets_status: id whole, name text, is_closed flag, uuid uuid
tickets_priority: id whole, name text
tickets_criticity: id whole, name text
commercial_act: cremeentity_ptr_id whole, name text, start day, due_date day, act_type_id whole, expected_sales whole, cost whole, goal text
commercial_acttype: id whole, title text
emails_emailcampaign: cremeentity_ptr_id whole, name text
emails_emailsending: id whole, campaign_id whole, sending_date moment
emails_lightweightemail: id text, sending_id whole, sending_date moment, status whole, reads whole, recipient text, recipient_entity_id whole
activities_activity: cremeentity_ptr_id whole, title text, start moment, end moment, type_id whole, sub_type_id whole, status_id whole
activities_activitytype: id whole, name text, uuid uuid
activities_activitysubtype: id whole, name text, uuid uuid
activities_status: id whole, name text, uuid uuid
"""
native = reading("creme", SCHEMA, "sqlite", "postgresql", "mariadb")
PHASES = [
    {"id": 1, "name": "Forthcoming", "order": 1, "won": False, "lost": False},
    {"id": 2, "name": "In progress", "order": 2, "won": False, "lost": False},
    {"id": 4, "name": "Abandoned", "order": 4, "won": False, "lost": False},
    {"id": 5, "name": "Signed", "order": 5, "won": True, "lost": False},
    {"id": 6, "name": "Gone", "order": 6, "won": False, "lost": True},
]
BASE = {
    "creme_core_currency": [
        {"id": 1, "international_symbol": "EUR", "is_default": True},
        {"id": 2, "international_symbol": "USD"},
    ],
    "creme_core_cremeuser": [
        {"id": 1, "username": "ann", "first_name": "Ann", "last_name": "Lee", "is_active": True, "is_team": False}
    ],
    "opportunities_salesphase": PHASES,
}


def entity(number: int, **more: object) -> dict:
    usual = {"created": "2026-01-05 09:00", "modified": "2026-06-30 12:00", "is_deleted": False, "user_id": 1}
    return {"id": number} | usual | more


def deal(number: int, phase: int, **more: object) -> dict:
    return {
        "cremeentity_ptr_id": number,
        "name": f"D{number}",
        "sales_phase_id": phase,
        "estimated_sales": 100,
        "currency_id": 1,
    } | more


def line(number: int, at: str, *changes: list, **more: object) -> dict:
    return {"entity_id": number, "date": at, "type": 2, "username": "ann", "value": json.dumps(["D", *changes])} | more


@pytest.fixture
def crm(native):
    def make(own: str = "", **rows: list[dict]) -> Native:
        return native(own=own, **(BASE | rows))

    return make


def stays(company: Native) -> list[tuple]:
    rows = company.rows("stage_history", "opportunity_id", "stage_id", "outcome", "entered_at", "is_reconstructed")
    return [
        (r["opportunity_id"], r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d}", r["is_reconstructed"])
        for r in rows
    ]


def test_phases_are_found_in_the_lines_of_history_wherever_they_stand(crm):
    company = crm(
        creme_core_cremeentity=[entity(10)],
        opportunities_opportunity=[deal(10, 5, made_sales=90)],
        creme_core_historyline=[
            line(10, "2026-02-01 10:00", ["chance_to_win", 10], ["sales_phase_id", 1, 2]),
            line(10, "2026-02-15 10:00", ["chance_to_win", 10, 20]),
            line(10, "2026-03-01 10:00", ["made_sales", 90], ["description"], ["sales_phase_id", 2, 6]),
            line(10, "2026-03-10 10:00", ["sales_phase_id", 6, 2]),
            line(10, "2026-04-01 10:00", ["sales_phase_id", 2, 5], ["name", "A", "sales_phase_id"]),
            line(10, "2026-04-02 10:00", ["sales_phase_id", 5, 6], type=9),
        ],
    )
    assert stays(company) == [
        ("10", "1", "open", "01-05", False),
        ("10", "2", "open", "02-01", False),
        ("10", "6", "lost", "03-01", False),
        ("10", "2", "open", "03-10", False),
        ("10", "5", "won", "04-01", False),
    ]
    assert company.by_key("opportunities", "outcome", "amount", "currency")["10"] == ("won", 90, "EUR")
    assert f"{company.by_key('opportunities', 'closed_at')['10']:%m-%d}" == "04-01"
    assert [row["is_backward"] for row in company.rows("stage_history", "is_backward")] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert company.problems() == []


def test_an_abandoned_deal_has_neither_flag_and_is_void(crm):
    company = crm(
        creme_core_cremeentity=[entity(10), entity(11), entity(12, is_deleted=True)],
        opportunities_opportunity=[deal(10, 4), deal(11, 2), deal(12, 5)],
        creme_core_historyline=[line(10, "2026-02-01 10:00", ["sales_phase_id", 2, 4])],
    )
    assert company.by_key("opportunities", "outcome") == {"10": "void", "11": "open"}
    assert stays(company) == [
        ("10", "2", "open", "01-05", False),
        ("10", "4", "void", "02-01", False),
        ("11", "2", "open", "01-05", True),
    ]
    assert company.problems() == []


def test_without_a_line_a_closing_is_told_by_its_day_within_the_life_of_the_row(crm):
    company = crm(
        creme_core_cremeentity=[entity(10), entity(11)],
        opportunities_opportunity=[deal(10, 5, closing_date="2026-02-20"), deal(11, 6)],
    )
    assert stays(company) == [
        ("10", None, "open", "01-05", True),
        ("10", "5", "won", "02-20", True),
        ("11", None, "open", "01-05", True),
        ("11", "6", "lost", "06-30", True),
    ]
    assert company.problems() == []


def test_customers_and_people_are_found_through_relations_that_are_stored_both_ways(crm):
    def related(kind: str, subject: int, object_: int) -> list[dict]:
        reverse = kind.replace("subject", "object")
        return [
            {"type_id": kind, "subject_entity_id": subject, "object_entity_id": object_},
            {"type_id": reverse, "subject_entity_id": object_, "object_entity_id": subject},
        ]

    relations = [
        *related("opportunities-subject_targets_orga", 10, 20),
        *related("opportunities-subject_linked_contact", 30, 10),
        *related("persons-subject_employed_by", 30, 20),
        *related("persons-subject_employed_by", 31, 21),
        *related("billing-subject_bill_received", 40, 20),
        *related("billing-subject_bill_received", 41, 32),
        *related("opportunities-subject_linked_invoice", 40, 10),
    ]
    company = crm(
        own='[[rates]]\ncurrency = "USD"\nvalid_from = "2026-01-01"\nrate_to_base = 0.5\n',
        creme_core_cremeentity=[
            *(entity(n) for n in (10, 20, 22, 30, 31, 32, 33, 40, 41)),
            entity(21, is_deleted=True),
        ],
        creme_core_relation=relations,
        persons_organisation=[
            {"cremeentity_ptr_id": 20, "name": "Orga", "is_managed": False, "billing_address_id": 1},
            {"cremeentity_ptr_id": 21, "name": "Gone", "is_managed": False},
            {"cremeentity_ptr_id": 22, "name": "We", "is_managed": True},
        ],
        persons_address=[{"id": 1, "city": "Lyon"}],
        persons_contact=[
            {"cremeentity_ptr_id": 30, "first_name": "Bo", "last_name": "Fox"},
            {"cremeentity_ptr_id": 31, "last_name": "Day"},
            {"cremeentity_ptr_id": 32, "last_name": "Buyer"},
            {"cremeentity_ptr_id": 33, "last_name": "Lee", "is_user_id": 1},
        ],
        opportunities_opportunity=[deal(10, 2)],
        billing_invoicestatus=[{"id": 1, "name": "Sent"}, {"id": 2, "name": "Draft"}],
        billing_invoice=[
            {
                "cremeentity_ptr_id": 40,
                "issuing_date": "2026-03-31",
                "status_id": 1,
                "currency_id": 1,
                "total_no_vat": 100,
                "total_vat": 120,
            },
            {
                "cremeentity_ptr_id": 41,
                "issuing_date": "2026-03-05",
                "status_id": 1,
                "currency_id": 2,
                "total_no_vat": 10,
                "total_vat": 12,
            },
        ],
    )
    assert company.by_key("customers", "kind", "is_own_company") == {
        "20": ("company", False),
        "22": ("company", True),
        "32": ("person", False),
    }
    assert company.by_key("contacts", "customer_id") == {"30": "20", "31": None, "32": None}
    assert company.by_key("opportunities", "customer_id", "contact_id", "owner_id") == {"10": ("20", "30", "1")}
    assert company.by_key("orders", "customer_id", "net", "tax", "net_base", "opportunity_id") == {
        "40": ("20", 100, 20, 100, "10"),
        "41": ("32", 10, 2, 5, None),
    }
    assert company.ask("revenue", "2026-03").result.value == 105
    assert company.problems() == []


def test_tickets_and_actions(crm):
    company = crm(
        creme_core_cremeentity=[entity(n) for n in (50, 51, 52, 60)],
        tickets_status=[
            {"id": 1, "name": "Open", "is_closed": False},
            {"id": 2, "name": "Closed", "is_closed": True},
            {"id": 3, "name": "Duplicated", "is_closed": True},
        ],
        tickets_ticket=[
            {"cremeentity_ptr_id": 50, "title": "A", "status_id": 1},
            {"cremeentity_ptr_id": 51, "title": "B", "status_id": 2, "closing_date": "2026-02-01"},
            {"cremeentity_ptr_id": 52, "title": "C", "status_id": 3},
        ],
        commercial_act=[
            {
                "cremeentity_ptr_id": 60,
                "name": "Fair",
                "start": "2026-05-01",
                "due_date": "2026-05-03",
                "expected_sales": 900,
                "cost": 200,
            }
        ],
    )
    assert company.by_key("tickets", "status") == {"50": "open", "51": "closed", "52": "void"}
    assert company.rows("campaign_costs", "campaign_id", "amount_base") == [{"campaign_id": "60", "amount_base": 200}]
    assert company.by_key("campaigns", "expected_revenue_base") == {"60": 900}
    assert company.problems() == []


def test_a_phase_made_as_abandoned_is_void_under_any_name(crm):
    dropped = {"id": 4, "name": "Dropped", "order": 4, "won": False, "lost": False}
    rows = {
        "creme_core_cremeentity": [entity(10)],
        "opportunities_opportunity": [deal(10, 4)],
        "opportunities_salesphase": [*PHASES[:2], dropped | {"uuid": "779931a8-a2ed-47b1-96a1-8694452e9905"}],
    }
    assert crm(**rows).by_key("opportunities", "outcome") == {"10": "void"}
    named = crm(own='[stage_outcomes]\n"Dropped" = "open"\n', **rows)
    assert named.by_key("opportunities", "outcome") == {"10": "open"}
    assert named.problems() == []


def bill(number: int, net: float, **more: object) -> dict:
    usual = {"issuing_date": "2026-03-10", "status_id": 1, "currency_id": 1, "total_vat": net * 1.2}
    return {"cremeentity_ptr_id": number, "total_no_vat": net} | usual | more


def test_cancelled_invoices_are_no_revenue_whatever_their_status_is_called(crm):
    company = crm(
        creme_core_cremeentity=[entity(n) for n in (40, 41, 42, 43)],
        billing_invoicestatus=[
            {"id": 1, "name": "Sent"},
            {"id": 2, "name": "Canceled"},
            {"id": 3, "name": "Void it", "uuid": "b85ad6ce-9479-4c70-9241-97c03774e521"},
            {"id": 4, "name": "Sketch", "uuid": "1bbb7c7e-610f-4366-b3de-b92d63c9cf23"},
        ],
        billing_invoice=[bill(40, 100)] + [bill(39 + n, 7, status_id=n) for n in (2, 3, 4)],
    )
    assert list(company.by_key("orders", "status").values()) == ["confirmed", "cancelled", "cancelled", "draft"]
    assert company.ask("revenue", "2026-03").result.value == 100


def test_a_credit_note_lowers_its_invoice_or_revenue_on_its_own_day(crm):
    set_off = {"type_id": "billing-subject_credit_note_applied", "object_entity_id": 40}
    company = crm(
        creme_core_cremeentity=[*(entity(n) for n in (40, 41, 45, 46, 47, 48)), entity(49, is_deleted=True)],
        creme_core_relation=[
            set_off | {"subject_entity_id": 45},
            set_off | {"subject_entity_id": 48, "object_entity_id": 41},
        ],
        billing_invoicestatus=[{"id": 1, "name": "Sent"}],
        billing_creditnotestatus=[{"id": 1, "name": "Issued"}, {"id": 2, "name": "Draft"}],
        billing_invoice=[bill(40, 70), bill(41, 0)],  # what is set off is taken from the invoice already
        billing_creditnote=[bill(45, 30), bill(46, 20), bill(47, 9, status_id=2), bill(48, 50), bill(49, 5)],
    )
    assert company.by_key("orders", "document", "status", "net") == {
        "40": ("invoice", "confirmed", 70),
        "41": ("invoice", "refunded", 0),
        "46": ("credit_note", "confirmed", -20),
        "47": ("credit_note", "draft", -9),
    }
    assert company.ask("revenue", "2026-03").result.value == 50
    assert company.ask("orders", "2026-03").result.value == 1


def test_the_last_closing_of_a_ticket_is_told_by_its_history(crm):
    company = crm(
        creme_core_cremeentity=[entity(n) for n in (20, 30, 50, 51, 52)],
        creme_core_relation=[
            {"type_id": "tickets-subject_linked_2_ticket", "subject_entity_id": 20, "object_entity_id": 50},
            {"type_id": "tickets-subject_linked_2_ticket", "subject_entity_id": 30, "object_entity_id": 51},
            {"type_id": "persons-subject_employed_by", "subject_entity_id": 30, "object_entity_id": 20},
        ],
        persons_organisation=[{"cremeentity_ptr_id": 20, "name": "Orga", "is_managed": False}],
        persons_contact=[{"cremeentity_ptr_id": 30, "last_name": "Fox"}],
        tickets_status=[
            {"id": 1, "name": "Open", "is_closed": False},
            {"id": 2, "name": "Done", "is_closed": True},
            {"id": 3, "name": "Declined", "is_closed": False, "uuid": "cfea0016-12f8-4a81-b659-b4cf07cdda0e"},
        ],
        tickets_ticket=[
            {"cremeentity_ptr_id": 50, "status_id": 2, "closing_date": "2026-02-01 10:00"},
            {"cremeentity_ptr_id": 51, "status_id": 1, "closing_date": "2026-02-01 10:00"},
            {"cremeentity_ptr_id": 52, "status_id": 3},
        ],
        creme_core_historyline=[
            line(50, "2026-02-01 10:00", ["closing_date", "x"], ["status_id", 1, 2]),
            line(50, "2026-02-05 10:00", ["status_id", 2, 1]),
            line(50, "2026-02-09 10:00", ["status_id", 1, 2]),
            line(51, "2026-02-01 10:00", ["status_id", 1, 2]),
            line(51, "2026-02-02 10:00", ["status_id", 2, 1]),
            line(52, "2026-03-01 10:00", ["status_id", 1, 3]),
        ],
    )
    rows = company.rows("tickets", "status", "closed_at", "reopened_count", "customer_id", "contact_id")
    told = [(r["status"], r["closed_at"] and f"{r['closed_at']:%m-%d}", *list(r.values())[2:]) for r in rows]
    assert told == [
        ("closed", "02-09", 1, "20", None),
        ("open", None, 1, "20", "30"),
        ("closed", "03-01", 0, None, None),
    ]
    assert company.problems() == []


PEOPLE = {
    "persons_organisation": [{"cremeentity_ptr_id": 20, "name": "Orga", "is_managed": False}],
    "persons_contact": [{"cremeentity_ptr_id": 30, "last_name": "Fox"}, {"cremeentity_ptr_id": 31, "is_user_id": 1}],
}


def test_mailings_keep_what_was_sent_and_read(crm):
    mail = {"sending_id": 1, "sending_date": "2026-02-01 10:00", "status": 1, "reads": 0, "recipient": "A@x.example"}
    company = crm(
        creme_core_cremeentity=[*(entity(n) for n in (20, 30, 31, 70)), entity(71, is_deleted=True)],
        creme_core_relation=[
            {"type_id": "persons-subject_employed_by", "subject_entity_id": 30, "object_entity_id": 20}
        ],
        emails_emailcampaign=[{"cremeentity_ptr_id": 70, "name": "News"}, {"cremeentity_ptr_id": 71, "name": "Old"}],
        emails_emailsending=[
            {"id": 1, "campaign_id": 70, "sending_date": "2026-02-01 10:00"},
            {"id": 2, "campaign_id": 71, "sending_date": "2026-02-01 10:00"},
        ],
        emails_lightweightemail=[
            mail | {"id": "a", "reads": 3, "recipient_entity_id": 20},
            mail | {"id": "b", "recipient_entity_id": 30},
            mail | {"id": "c", "status": 3, "sending_date": None},
            mail | {"id": "d", "sending_id": 2},
        ],
        **PEOPLE,
    )
    assert company.by_key("campaigns", "name", "channel") == {"70": ("News", "email")}
    rows = company.rows("campaign_members", "member_key", "customer_id", "contact_id", "opens")
    assert [tuple(row.values()) for row in rows] == [
        ("a", "20", None, 3),
        ("b", "20", "30", 0),
        ("c", None, None, None),
    ]
    assert [row["sent_at"] is None for row in company.rows("campaign_members", "sent_at")] == [False, False, True]
    assert company.problems() == []


def test_activities_are_told_by_the_uuid_of_their_type(crm):
    def part(kind: str, subject: int, activity: int) -> dict:
        return {"type_id": f"activities-subject_{kind}", "subject_entity_id": subject, "object_entity_id": activity}

    at = {"start": "2026-02-01 10:00", "end": "2026-02-01 10:30"}
    company = crm(
        creme_core_cremeentity=[*(entity(n) for n in (10, 20, 30, 31, 80, 81, 82, 84)), entity(83, is_deleted=True)],
        creme_core_relation=[
            part("participates_to_activity", 31, 80),
            part("participates_to_activity", 30, 80),
            part("linked_2_activity", 10, 80),
            part("activity_subject", 20, 81),
        ],
        opportunities_opportunity=[deal(10, 1)],
        activities_activitytype=[
            {"id": 1, "name": "Appel", "uuid": "86934e63-1ba5-4b19-b2a5-43f9412fddc3"},
            {"id": 2, "name": "Absence", "uuid": "1cd1de3d-1fad-4eb6-82a8-93059f1b5ea3"},
            {"id": 3, "name": "Ours", "uuid": "11111111-1fad-4eb6-82a8-93059f1b5ea3"},
        ],
        activities_activitysubtype=[{"id": 1, "name": "Entrant", "uuid": "49b2ce30-fe7b-409b-b4ef-4749400b88c7"}],
        activities_status=[{"id": 1, "name": "Fait", "uuid": "4c7f518b-6bd5-44ea-a867-5e33f50646da"}],
        activities_activity=[
            at | {"cremeentity_ptr_id": 80, "type_id": 1, "sub_type_id": 1, "status_id": 1},
            {"cremeentity_ptr_id": 81, "type_id": 3},
            at | {"cremeentity_ptr_id": 82, "type_id": 2},
            at | {"cremeentity_ptr_id": 83, "type_id": 1},
            at | {"cremeentity_ptr_id": 84, "type_id": 1},
        ],
        **PEOPLE,
    )
    told = company.by_key(
        "interactions", "kind", "direction", "customer_id", "contact_id", "opportunity_id", "duration_s"
    )
    assert told == {
        "80": ("call", "inbound", None, "30", "10", 1800),
        "81": ("task", None, "20", None, None, None),
        "84": ("call", None, None, None, None, 1800),
    }
    assert [key for key, done in company.by_key("interactions", "done_at").items() if done] == ["80"]
    assert company.problems() == []
