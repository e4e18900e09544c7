"""Tryton through its mapping: rows as Tryton 8.2 writes them, and every trap of its history, states and amounts."""

from datetime import date, datetime

import pytest

from tests.mappings.native import reading

SCHEMA = """
company_company: id whole, party whole, currency whole, timezone text
company_employee: id whole, party whole, supervisor whole, end_date day, write_date moment
account_fiscalyear: id whole, company whole, start_date day
res_user: id whole, login text, employee whole
party_party: id whole, name text, code text, active flag, replaced_by whole, create_date moment, write_date moment
party_contact_mechanism: id whole, party whole, type text, value text, sequence whole, active flag
party_address: id whole, party whole, city text, country whole, subdivision whole, sequence whole, active flag
country_country: id whole, code text
currency_currency: id whole, code text
currency_currency_rate: id whole, currency whole, date day, rate digits
sale_opportunity: id whole, number text, description text, party whole, employee whole, company whole, currency whole, amount digits, conversion_probability float, state text, start_date day, end_date day, lost_reason text, create_date moment, write_date moment, marketing_campaign whole, marketing_medium whole
sale_opportunity__history: __id whole, id whole, state text, create_date moment, create_uid whole, write_date moment, write_uid whole
sale_sale: id whole, number text, reference text, party whole, currency whole, state text, sale_date day, origin text, confirmed_by whole, quoted_by whole, untaxed_amount_cache digits, tax_amount_cache digits, create_date moment, write_date moment
account_invoice: id whole, type text, state text, number text, party whole, currency whole, invoice_date day, untaxed_amount_cache digits, tax_amount_cache digits, create_date moment, write_date moment
account_invoice_line: id whole, invoice whole, type text, origin text, product whole, description text, quantity float, unit_price digits
sale_line: id whole, sale whole, type text, product whole, description text, quantity float, unit_price digits
marketing_campaign: id whole, name text, write_date moment
marketing_medium: id whole, name text
sale_complaint: id whole, date day, customer whole, description text, type whole, origin text, state text, create_date moment, write_date moment, approved_by whole, rejected_by whole, submitted_by whole
sale_complaint_type: id whole, name text
product_product: id whole, code text, template whole, active flag
product_template: id whole, code text, name text, type text, active flag, write_date moment
product_category: id whole, name text
product_template-product_category: id whole, template whole, category whole
"""
crm = reading("tryton", SCHEMA, "sqlite", "postgresql")
BORN = "2026-01-01 09:00"
COMPANY = {
    "company_company": [{"id": 1, "party": 1, "currency": 1, "timezone": "Europe/Berlin"}],
    "company_employee": [{"id": 1, "party": 2}, {"id": 2, "party": 3, "supervisor": 1, "end_date": "2026-02-01"}],
    "account_fiscalyear": [{"company": 1, "start_date": "2026-04-01"}],
    "res_user": [{"id": 1, "login": "admin", "employee": 1}],
    "party_party": [{"id": n, "name": f"P{n}", "active": True, "create_date": BORN} for n in range(1, 7)],
    "currency_currency": [{"id": 1, "code": "EUR"}, {"id": 2, "code": "USD"}],
    "currency_currency_rate": [
        {"currency": 1, "date": "2025-01-01", "rate": 2},
        {"currency": 2, "date": "2025-01-01", "rate": 2.5},
        {"currency": 2, "date": "2026-03-11", "rate": 4},
    ],
}


@pytest.fixture
def tryton(crm):
    return lambda **rows: crm(**{**COMPANY, **rows})


def opportunity(number, state="lead", **more):
    plain = {
        "description": f"O{number}", "party": 4, "employee": 1, "company": 1, "currency": 1, "amount": 100, "conversion_probability": 0.5,
        "create_date": BORN, "write_date": "2026-06-01",
    }  # fmt: skip
    return {"id": number, "state": state, **plain, **more}


def versions(*rows):
    """Copies of the row for (opportunity, state, moment), in their order; the first of each is its creation."""
    made, seen = [], set()
    for number, (key, state, at) in enumerate(rows, start=1):
        written = {} if key not in seen else {"write_date": at, "write_uid": 1}
        seen.add(key)
        made.append({"__id": number, "id": key, "state": state, "create_date": BORN, "create_uid": 1, **written})
    return made


def stays(company, number):
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == str(number)]
    assert [row["left_at"] for row in rows] == [*(row["entered_at"] for row in rows[1:]), None]
    return [(row["stage_id"], row["outcome"], f"{row['entered_at']:%m-%d}", row["is_reconstructed"]) for row in rows]


def test_states_say_the_outcome_and_converted_is_still_open(tryton):
    states = ("lead", "opportunity", "converted", "won", "lost", "cancelled")
    company = tryton(sale_opportunity=[opportunity(i, state) for i, state in enumerate(states, start=1)])
    assert list(company.by_key("opportunities", "outcome").values()) == ["open", "open", "open", "won", "lost", "void"]
    assert company.ask("win_rate", "2026").result.value == 0.5
    assert company.problems() == []


def test_copies_without_a_change_of_state_are_no_stays(tryton):
    history = versions(
        (1, "lead", BORN), (1, "lead", "2026-01-02"), (1, "opportunity", "2026-01-05"), (1, "opportunity", "2026-01-07"),
        (1, "opportunity", "2026-01-09"), (1, "converted", "2026-01-09"), (1, "won", "2026-01-20 10:00"), (1, "won", "2026-03-01"),
    )  # fmt: skip
    history.append({"__id": 99, "id": 7})  # a deleted opportunity
    company = tryton(sale_opportunity=[opportunity(1, "won", end_date="2026-02-02")], sale_opportunity__history=history)
    assert stays(company, 1) == [
        ("lead", "open", "01-01", False), ("opportunity", "open", "01-05", False), ("converted", "open", "01-09", False),
        ("won", "won", "01-20", False),
    ]  # fmt: skip
    assert company.by_key("opportunities", "closed_at") == {"1": datetime(2026, 1, 20, 10)}
    assert company.by_key("leads", "status", "converted_at") == {"1": ("converted", datetime(2026, 1, 5))}
    assert company.rows("stage_history")[1]["changed_by"] == "1"
    assert company.problems() == []


def test_lost_and_taken_up_again(tryton):
    history = versions(
        (1, "lead", BORN), (1, "lost", "2026-01-03"), (1, "lead", "2026-01-09"), (1, "opportunity", "2026-01-12"),
        (2, "lead", BORN), (2, "lost", "2026-01-03"), (2, "lead", "2026-01-04"), (2, "lost", "2026-01-09"),
    )  # fmt: skip
    company = tryton(
        sale_opportunity=[
            opportunity(1, "opportunity", end_date="2026-01-03"),
            opportunity(2, "lost", lost_reason="Dear"),
        ],
        sale_opportunity__history=history,
    )
    assert [one[1] for one in stays(company, 1)] == ["open", "lost", "open", "open"]
    assert [row["is_backward"] for row in company.rows("stage_history")][:4] == [False, False, True, False]
    assert company.by_key("opportunities", "closed_at", "lost_reason") == {
        "1": (None, None),
        "2": (datetime(2026, 1, 9), "Dear"),
    }
    assert company.by_key("leads", "status") == {"1": "converted", "2": "disqualified"}
    assert company.problems() == []


def test_without_a_history_the_stays_are_reconstructed(tryton):
    company = tryton(sale_opportunity=[opportunity(1, "won"), opportunity(2, "opportunity")])
    assert stays(company, 1) == [(None, "open", "01-01", True), ("won", "won", "06-01", True)]
    assert stays(company, 2) == [("opportunity", "open", "01-01", True)]
    assert company.problems() == []


def test_revenue_is_divided_by_the_rate_of_the_day_and_both_sides_count(tryton):
    sale = {
        "party": 4,
        "currency": 1,
        "state": "confirmed",
        "sale_date": "2026-03-10",
        "create_date": BORN,
        "tax_amount_cache": 19,
    }
    company = tryton(
        sale_sale=[
            {**sale, "id": 1, "untaxed_amount_cache": 100, "origin": "sale.opportunity,1", "confirmed_by": 1},
            {**sale, "id": 2, "untaxed_amount_cache": 250, "currency": 2, "state": "processing"},
            {**sale, "id": 3, "untaxed_amount_cache": 400, "currency": 2, "state": "done", "sale_date": "2026-03-11"},
            {**sale, "id": 4, "state": "quotation", "sale_date": None}, {**sale, "id": 5, "state": "cancelled", "untaxed_amount_cache": 7},
            {**sale, "id": 6, "untaxed_amount_cache": -30, "origin": "sale.sale,1"},
        ],
        sale_line=[
            {"sale": 4, "type": "line", "quantity": 2, "unit_price": 12.5}, {"sale": 4, "type": "comment"},
            {"sale": 1, "type": "line", "quantity": 4, "unit_price": 25},
        ],
        sale_opportunity=[opportunity(1, "won")],
    )  # fmt: skip
    assert company.by_key("orders", "status", "net_base", "document") == {
        "1": ("confirmed", 100, "order"), "2": ("confirmed", pytest.approx(200), "order"), "3": ("confirmed", pytest.approx(200), "order"),
        "4": ("draft", 25, "order"), "5": ("cancelled", 7, "order"), "6": ("confirmed", -30, "credit_note"),
    }  # fmt: skip
    assert company.by_key("orders", "opportunity_id", "owner_id", "ordered_at")["1"] == (
        "1",
        "1",
        datetime(2026, 3, 9, 23),
    )
    assert company.by_key("fx_rates", "rate_to_base")["USD", date(2026, 3, 11)] == pytest.approx(0.5)
    assert company.ask("revenue", "2026-03").result.value == pytest.approx(470)
    assert company.problems() == []


def test_the_company_its_people_and_merged_parties_are_no_customers(tryton):
    parties = [{**row, "replaced_by": 4 if row["id"] == 5 else None} for row in COMPANY["party_party"]]
    ways = [
        {"party": 4, "type": "email", "value": "second@x.example", "sequence": 2}, {"party": 4, "type": "email", "value": "first@x.example", "sequence": 1},
        {"party": 4, "type": "mobile", "value": "+49 1"}, {"party": 4, "type": "email", "value": "old@x.example", "sequence": 0, "active": False},
    ]  # fmt: skip
    company = tryton(party_party=parties, party_contact_mechanism=ways)
    assert [key for key, own in company.by_key("customers", "is_own_company").items() if own] == ["1", "2", "3"]
    assert company.by_key("customers", "merged_into_id")["5"] == "4"
    assert company.by_key("customers", "email", "phone")["4"] == ("first@x.example", "+49 1")
    assert company.by_key("users", "is_active", "manager_id") == {"1": (True, None), "2": (False, "1")}
    settings = company.mapped.manifest.settings
    assert (settings["base_currency"], settings["fiscal_year_start_month"], settings["timezone"]) == (
        "EUR",
        4,
        "Europe/Berlin",
    )


def test_complaints_are_tickets(tryton):
    plain = {"customer": 4, "type": 1, "create_date": BORN, "write_date": "2026-01-05"}
    company = tryton(
        sale_complaint=[
            {**plain, "id": i, "state": state}
            for i, state in enumerate(("draft", "approved", "done", "cancelled"), start=1)
        ],
        sale_complaint_type=[{"id": 1, "name": "Broken"}],
    )
    assert company.by_key("tickets", "status", "category", "is_complaint") == {
        "1": ("open", "Broken", True), "2": ("pending", "Broken", True), "3": ("closed", "Broken", True), "4": ("void", "Broken", True),
    }  # fmt: skip
    assert company.by_key("tickets", "resolved_at")["3"] == datetime(2026, 1, 5)
    assert company.problems() == []


def test_a_credit_note_lowers_revenue_where_it_goes_back_to_a_confirmed_sale(tryton):
    sale = {
        "party": 4,
        "currency": 1,
        "state": "processing",
        "sale_date": "2026-03-10",
        "create_date": BORN,
        "untaxed_amount_cache": 100,
    }
    note = {
        "type": "out",
        "state": "posted",
        "party": 4,
        "currency": 1,
        "invoice_date": "2026-04-02",
        "create_date": BORN,
    }
    bought = {**note, "type": "in"}
    company = tryton(
        sale_sale=[{**sale, "id": 1}, {**sale, "id": 2}, {**sale, "id": 3, "state": "cancelled"}],
        sale_line=[{"id": n, "sale": n, "type": "line", "quantity": 4, "unit_price": 25} for n in (1, 2, 3)],
        account_invoice=[
            *({**note, "id": n, "invoice_date": "2026-03-11"} for n in (1, 2, 3)),
            *({**note, "id": n, "untaxed_amount_cache": -50, "tax_amount_cache": -5} for n in (4, 5, 6)),
            {**note, "id": 7, "state": "draft"}, {**bought, "id": 8}, {**note, "id": 9},
        ],
        account_invoice_line=[
            *({"id": n, "invoice": n, "type": "line", "origin": f"sale.line,{n}", "quantity": 4, "unit_price": 25} for n in (1, 2, 3)),
            *({"id": n, "invoice": n, "type": "line", "origin": f"account.invoice.line,{n - 3}", "quantity": -2, "unit_price": 25} for n in (4, 5, 6)),
            *({"id": n, "invoice": n, "type": "line", "origin": "account.invoice.line,1", "quantity": -2, "unit_price": 25} for n in (7, 8)),
            {"id": 9, "invoice": 9, "type": "line", "quantity": -2, "unit_price": 25},
        ],
    )  # fmt: skip
    assert company.by_key("orders", "document", "status", "net", "tax", "opportunity_id") == {
        "1": ("order", "confirmed", 100, 0, None), "2": ("order", "confirmed", 100, 0, None), "3": ("order", "cancelled", 100, 0, None),
        "refund-4": ("credit_note", "confirmed", -50, -5, None), "refund-5": ("credit_note", "confirmed", -50, -5, None),
    }  # fmt: skip
    assert company.by_key("order_items", "order_id", "net")["refund-4"] == ("refund-4", -50)
    assert company.ask("revenue", "2026-04").result.value == -100
    assert company.problems() == []


def test_deals_that_were_brought_in_keep_their_days(tryton):
    history = versions((1, "lead", BORN), (1, "won", BORN), (2, "lead", BORN), (2, "opportunity", "2026-01-05"))
    company = tryton(
        sale_opportunity=[
            opportunity(1, "won", start_date="2025-03-03", end_date="2025-04-05"),
            opportunity(2, "opportunity", start_date="2025-12-01", end_date="2026-03-01"),
            opportunity(3, "won", start_date="2026-01-01", end_date="2026-01-01"),
        ],
        sale_opportunity__history=history,
    )
    assert stays(company, 1) == [(None, "open", "03-02", True), ("won", "won", "04-04", True)]
    assert stays(company, 2) == [("lead", "open", "11-30", False), ("opportunity", "open", "01-05", False)]
    assert company.by_key("opportunities", "created_at", "closed_at") == {
        "1": (datetime(2025, 3, 2, 23), datetime(2025, 4, 4, 22)),
        "2": (datetime(2025, 11, 30, 23), None),
        "3": (datetime(2026, 1, 1, 9), datetime(2026, 6, 1)),
    }
    assert company.by_key("leads", "created_at", "converted_at")["1"] == (
        datetime(2025, 3, 2, 23),
        datetime(2025, 4, 4, 22),
    )
    assert company.problems() == []


def test_a_complaint_begins_on_its_own_day_and_may_be_about_a_line(tryton):
    plain = {"customer": 4, "state": "draft", "create_date": "2026-01-05 10:00"}
    company = tryton(
        sale_sale=[
            {"id": 7, "party": 4, "currency": 1, "state": "done", "sale_date": "2026-01-02", "create_date": BORN}
        ],
        sale_line=[{"id": 3, "sale": 7, "type": "line", "quantity": 1, "unit_price": 1}],
        sale_complaint=[
            {**plain, "id": 1, "date": "2026-01-05", "origin": "sale.sale,7"},
            {**plain, "id": 2, "date": "2026-01-03", "origin": "sale.line,3"},
            {**plain, "id": 3},
        ],
    )
    assert company.by_key("tickets", "opened_at", "order_id") == {
        "1": (datetime(2026, 1, 5, 10), "7"),
        "2": (datetime(2026, 1, 2, 23), "7"),
        "3": (datetime(2026, 1, 5, 10), None),
    }
    assert company.problems() == []
