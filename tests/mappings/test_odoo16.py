"""Odoo 16 through its mapping: invented rows for every rule, and a rule for every trap that a careless mapping falls into."""

from datetime import date, datetime

import pytest

from tests.mappings.native import reading

SCHEMA = """
res_company: id whole, name text, partner_id whole, currency_id whole, fiscalyear_last_month text
res_currency: id whole, name text
res_currency_rate: id whole, currency_id whole, company_id whole, name day, rate decimal
res_partner: id whole, name text, display_name text, parent_id whole, commercial_partner_id whole, is_company flag, type text, email text, email_normalized text, phone text, mobile text, function text, website text, city text, country_id whole, state_id whole, industry_id whole, user_id whole, lang text, tz text, active flag, partner_share flag, create_date moment, write_date moment
res_country: id whole, code text
res_country_state: id whole, name text
res_partner_industry: id whole, name json
res_users: id whole, login text, partner_id whole, share flag, active flag, sale_team_id whole, write_date moment
crm_team: id whole, name json, user_id whole, write_date moment
crm_team_member: id whole, user_id whole, crm_team_id whole, active flag
crm_stage: id whole, name json, sequence whole, is_won flag, write_date moment
crm_lost_reason: id whole, name json
crm_lead: id whole, name text, type text, active flag, stage_id whole, probability float, expected_revenue decimal, partner_id whole, user_id whole, team_id whole, company_id whole, lost_reason_id whole, campaign_id whole, medium_id whole, source_id whole, email_from text, email_normalized text, date_deadline day, date_open moment, date_conversion moment, date_closed moment, date_last_stage_update moment, create_date moment, write_date moment
ir_model_fields: id whole, model text, name text
mail_message: id whole, model text, res_id whole, date moment, author_id whole, create_uid whole, message_type text, subtype_id whole, mail_activity_type_id whole, subject text, record_name text, write_date moment
mail_message_subtype: id whole, internal flag
mail_tracking_value: id whole, field whole, mail_message_id whole, old_value_integer whole, new_value_integer whole
mail_activity: id whole, res_model text, res_id whole, activity_type_id whole, user_id whole, summary text, date_deadline day, create_date moment, write_date moment
mail_activity_type: id whole, name json, category text, icon text
sale_order: id whole, name text, state text, partner_id whole, user_id whole, opportunity_id whole, company_id whole, currency_id whole, currency_rate decimal, amount_untaxed decimal, amount_tax decimal, date_order moment, campaign_id whole, medium_id whole, source_id whole, write_date moment
sale_order_line: id whole, order_id whole, product_id whole, name text, display_type text, product_uom_qty decimal, price_unit decimal, discount decimal, price_subtotal decimal, is_downpayment flag, is_delivery flag, coupon_id whole, points_cost float
sale_order_line_invoice_rel: invoice_line_id whole, order_line_id whole
account_move: id whole, name text, move_type text, state text, date day, invoice_date day, partner_id whole, commercial_partner_id whole, currency_id whole, company_id whole, invoice_user_id whole, amount_untaxed decimal, amount_untaxed_signed decimal, amount_tax decimal, campaign_id whole, medium_id whole, source_id whole, write_date moment
account_move_line: id whole, move_id whole, product_id whole, name text, display_type text, quantity decimal, price_unit decimal, price_subtotal decimal
product_template: id whole, name json, type text, list_price decimal, categ_id whole, default_code text, active flag, write_date moment
product_product: id whole, product_tmpl_id whole, default_code text, active flag
product_category: id whole, name text, complete_name text
utm_campaign: id whole, name text, title json, is_auto_campaign flag, stage_id whole, user_id whole, write_date moment
utm_medium: id whole, name text
utm_source: id whole, name text
mailing_mailing: id whole, subject text, campaign_id whole, source_id whole, state text, mailing_type text, sent_date moment, user_id whole, ab_testing_enabled flag, ab_testing_pc whole, write_date moment
mailing_trace: id whole, mass_mailing_id whole, model text, res_id whole, email text, trace_status text, sent_datetime moment, open_datetime moment, reply_datetime moment, links_click_datetime moment, create_date moment, write_date moment
mailing_contact: id whole, email_normalized text
mailing_contact_list_rel: id whole, contact_id whole, opt_out flag, unsubscription_date moment
mail_blacklist: id whole, email text, active flag, create_date moment
event_registration: id whole, partner_id whole, state text, active flag, utm_campaign_id whole, create_date moment
link_tracker_click: id whole, mailing_trace_id whole, create_date moment
project_task: id whole, name text, project_id whole, partner_id whole, parent_id whole, stage_id whole, priority text, is_closed flag, kanban_state text, email_from text, active flag, create_date moment, write_date moment, date_end moment, date_last_stage_update moment
project_task_type: id whole, name json, fold flag
rating_rating: id whole, res_model text, res_id whole, partner_id whole, message_id whole, rating float, consumed flag, feedback text, create_date moment, write_date moment
survey_survey: id whole, title json, create_date moment
survey_question: id whole, survey_id whole, question_type text, matrix_subtype text
survey_question_answer: id whole, question_id whole, value json
survey_user_input: id whole, survey_id whole, partner_id whole, email text, state text, test_entry flag, create_date moment, end_datetime moment, write_date moment
survey_user_input_line: id whole, user_input_id whole, survey_id whole, question_id whole, suggested_answer_id whole, matrix_row_id whole, answer_type text, skipped flag, value_numerical_box float, value_text_box text, value_char_box text
loyalty_program: id whole, name json, program_type text
loyalty_card: id whole, program_id whole, partner_id whole, points float, create_date moment, write_date moment
sale_order_coupon_points: id whole, order_id whole, coupon_id whole, points float
"""
crm = reading("odoo16", SCHEMA, "sqlite", "postgresql")

STAGE, ACTIVE, TYPE, EMAIL = 1, 2, 3, 4
FIELDS = [
    {"id": STAGE, "model": "crm.lead", "name": "stage_id"},
    {"id": ACTIVE, "model": "crm.lead", "name": "active"},
    {"id": TYPE, "model": "crm.lead", "name": "type"},
    {"id": EMAIL, "model": "crm.lead", "name": "email_from"},
    {"id": 5, "model": "project.task", "name": "stage_id"},
    {"id": 6, "model": "res.partner", "name": "active"},
]
STAGES = [
    {"id": 1, "name": {"en_US": "New", "zh_CN": "新"}, "sequence": 1},
    {"id": 2, "name": {"en_US": "Qualified"}, "sequence": 2},
    {"id": 3, "name": {"en_US": "Proposition"}, "sequence": 3},
    {"id": 4, "name": {"en_US": "Won"}, "sequence": 70, "is_won": True},
]
COMPANY = {
    "res_currency": [{"id": 1, "name": "EUR"}, {"id": 2, "name": "USD"}, {"id": 3, "name": "CHF"}],
    "res_company": [{"id": 1, "partner_id": 1, "currency_id": 1, "fiscalyear_last_month": "3"}],
    "res_users": [
        {"id": 1, "login": "__system__", "partner_id": 2, "share": False, "active": False},
        {"id": 2, "login": "ann", "partner_id": 3, "share": False, "active": True, "sale_team_id": 1},
        {"id": 3, "login": "left", "partner_id": 4, "share": False, "active": False},
        {"id": 4, "login": "portal", "partner_id": 12, "share": True, "active": True},
        {"id": 5, "login": "public", "partner_id": 5, "share": True, "active": False},
    ],
    "crm_team": [{"id": 1, "name": {"en_US": "Europe"}, "user_id": 2}],
    "crm_stage": STAGES,
    "ir_model_fields": FIELDS,
}
PARTNERS = [
    {"id": 1, "name": "Our company", "is_company": True, "tz": "Europe/Brussels", "lang": "fr_BE"},
    {"id": 2, "name": "OdooBot", "commercial_partner_id": 1, "parent_id": 1, "partner_share": False},
    {"id": 3, "name": "Ann", "commercial_partner_id": 1, "parent_id": 1, "partner_share": False},
    {"id": 4, "name": "Somebody who left"},
    {"id": 5, "name": "Public user", "active": False},
    {"id": 10, "name": "Acme", "is_company": True, "country_id": 1, "email": "Sales@Acme.example"},
    {"id": 11, "name": "Bea", "parent_id": 10, "commercial_partner_id": 10, "email_normalized": "bea@acme.example"},
    {"id": 12, "name": "Carl, by the portal"},
    {"id": 13, "name": "Dock 3", "parent_id": 10, "commercial_partner_id": 10, "type": "delivery"},
    {"id": 14, "name": "Acme Asia", "parent_id": 10, "is_company": True},
]


def partners(*more):
    plain = {"create_date": "2024-01-01", "active": True, "partner_share": True}
    return [{**plain, "commercial_partner_id": one["id"], **one} for one in (*PARTNERS, *more)]


@pytest.fixture
def odoo(crm):
    """odoo(**rows): a company with partners, users and stages, and these rows."""

    def make(own="", without=(), **rows):
        countries = [{"id": 1, "code": "BE"}]
        return crm(own=own, without=without, **{**COMPANY, "res_partner": partners(), "res_country": countries, **rows})

    make.engine = crm.engine
    return make


def deal(number, **more):
    plain = {
        "name": f"Deal {number}", "type": "opportunity", "active": True, "stage_id": 1, "probability": 20, "expected_revenue": 100,
        "create_date": "2026-01-01 09:00", "partner_id": 10, "user_id": 2, "team_id": 1,
    }  # fmt: skip
    return {"id": number, **plain, **more}


def lost(number, **more):
    return deal(number, **{"active": False, "probability": 0, "date_closed": "2026-02-01 10:00", **more})


def log(*entries):
    """mail_message and mail_tracking_value for (lead, moment, field, old, new)."""
    messages = [
        {"id": i, "model": "crm.lead", "res_id": lead, "date": at, "create_uid": 2, "message_type": "notification"}
        for i, (lead, at, *_) in enumerate(entries, start=1)
    ]
    values = [
        {"id": i, "field": field, "mail_message_id": i, "old_value_integer": old, "new_value_integer": new}
        for i, (_, _, field, old, new) in enumerate(entries, start=1)
    ]
    return {"mail_message": messages, "mail_tracking_value": values}


def stays(company, number):
    """(stage, outcome, day entered, reconstructed) of one deal, in order; contiguous, and ending open."""
    rows = [row for row in company.rows("stage_history") if row["opportunity_id"] == str(number)]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["left_at"] for row in rows] == [*(row["entered_at"] for row in rows[1:]), None]
    assert [row["is_initial"] for row in rows] == [i == 0 for i in range(len(rows))]
    return [(r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d}", r["is_reconstructed"]) for r in rows]


# -- won, lost, void ------------------------------------------------------------------------------------------------
def test_lost_is_archived_without_a_chance_and_keeps_its_stage(odoo):
    company = odoo(crm_lead=[
        deal(1), deal(2, stage_id=4, probability=100, date_closed="2026-01-20"), lost(3, stage_id=2),
        deal(4, active=False, probability=35, stage_id=2), deal(5, probability=100, stage_id=3),
    ])  # fmt: skip
    told = {"1": "open", "2": "won", "3": "lost", "4": "void", "5": "open"}
    assert company.by_key("opportunities", "outcome") == told
    assert company.by_key("opportunities", "stage_id")["3"] == "2"
    assert company.ask("win_rate", "2026").result.value == 0.5
    assert company.problems() == []


def test_a_reopened_deal_is_open_though_it_keeps_the_date_of_its_loss(odoo):
    company = odoo(crm_lead=[deal(1, date_closed="2026-01-20"), deal(2, stage_id=4, date_closed="2026-01-22 08:30")])
    assert company.by_key("opportunities", "closed_at") == {"1": None, "2": datetime(2026, 1, 22, 8, 30)}


def test_a_deal_closes_when_it_closed_not_when_it_was_hoped_to(odoo):
    company = odoo(crm_lead=[deal(1, stage_id=4, date_closed="2026-03-05 10:00", date_deadline="2026-01-31")])
    assert company.by_key("opportunities", "closed_at", "expected_close_date") == {
        "1": (datetime(2026, 3, 5, 10), date(2026, 1, 31))
    }
    assert company.ask("win_rate", "2026-01").result.n == 0
    assert company.ask("win_rate", "2026-03").result.n == 1


def test_a_win_without_a_date_is_dated_by_its_last_change_of_stage(odoo):
    company = odoo(crm_lead=[deal(1, stage_id=4, date_last_stage_update="2026-02-03"), deal(2, stage_id=4)])
    assert [row["closed_at"].day for row in company.rows("opportunities")] == [3, 1]


# -- leads ----------------------------------------------------------------------------------------------------------
def test_a_lead_and_the_deal_it_became_are_one_row_in_two_tables(odoo):
    company = odoo(crm_lead=[
        deal(1, type="lead"), deal(2, type="lead", date_open="2026-01-02"), lost(3, type="lead"),
        deal(4, type="lead", active=False, probability=10), deal(5, date_conversion="2026-01-09 10:00"), deal(6),
        lost(7, date_conversion="2026-01-10"),
    ])  # fmt: skip
    assert company.by_key("leads", "status") == {
        "1": "new", "2": "working", "3": "disqualified", "5": "converted", "7": "converted",
    }  # fmt: skip
    assert company.by_key("leads", "converted_at", "converted_opportunity_id")["5"] == (datetime(2026, 1, 9, 10), "5")
    assert company.by_key("opportunities", "lead_id") == {"5": "5", "6": None, "7": "7"}
    assert company.by_key("opportunities", "created_at")["5"] == datetime(2026, 1, 9, 10)
    assert company.problems() == []


def test_the_first_answer_to_a_lead_is_one_that_it_could_read(odoo):
    messages = [
        {"model": "crm.lead", "res_id": 1, "date": "2026-01-01 09:01", "author_id": 3, "message_type": "notification"},
        {"model": "crm.lead", "res_id": 1, "date": "2026-01-01 09:02", "author_id": 12, "message_type": "email"},
        {
            "model": "crm.lead",
            "res_id": 1,
            "date": "2026-01-01 09:03",
            "author_id": 3,
            "message_type": "comment",
            "subtype_id": 2,
        },
        {
            "model": "crm.lead",
            "res_id": 1,
            "date": "2026-01-01 11:00",
            "author_id": 3,
            "message_type": "comment",
            "subtype_id": 1,
        },
        {"model": "sale.order", "res_id": 1, "date": "2026-01-01 09:04", "author_id": 3, "message_type": "comment"},
    ]
    kinds = [{"id": 1, "internal": False}, {"id": 2, "internal": True}]
    company = odoo(
        crm_lead=[deal(1, type="lead"), deal(2, type="lead")], mail_message=messages, mail_message_subtype=kinds
    )
    assert company.by_key("leads", "first_response_at") == {"1": datetime(2026, 1, 1, 11), "2": None}


# -- stage history --------------------------------------------------------------------------------------------------
def test_the_first_stage_is_what_stood_before_the_first_change(odoo):
    company = odoo(
        crm_lead=[deal(1, stage_id=3)],
        **log((1, "2026-01-05", STAGE, 1, 2), (1, "2026-01-06", EMAIL, None, None), (1, "2026-01-09", STAGE, 2, 3)),
    )
    assert stays(company, 1) == [
        ("1", "open", "01-01", False), ("2", "open", "01-05", False), ("3", "open", "01-09", False),
    ]  # fmt: skip
    assert company.rows("stage_history")[1]["changed_by"] == "2"
    assert company.problems() == []


def test_losing_and_reopening_are_stays_in_the_same_stage(odoo):
    company = odoo(
        crm_lead=[deal(1, stage_id=2), lost(2, stage_id=2)],
        **log((1, "2026-01-05", STAGE, 1, 2), (1, "2026-01-07", ACTIVE, 1, 0), (1, "2026-01-20", ACTIVE, 0, 1),
              (2, "2026-01-05", STAGE, 1, 2), (2, "2026-02-01 10:00", ACTIVE, 1, 0)),
    )  # fmt: skip
    assert stays(company, 1) == [
        ("1", "open", "01-01", False), ("2", "open", "01-05", False), ("2", "lost", "01-07", False),
        ("2", "open", "01-20", False),
    ]  # fmt: skip
    assert stays(company, 2)[-1] == ("2", "lost", "02-01", False)
    assert not any(row["is_backward"] for row in company.rows("stage_history"))
    closed = company.by_key("opportunities", "closed_at")["2"]
    assert closed == [row for row in company.rows("stage_history") if row["opportunity_id"] == "2"][-1]["entered_at"]
    assert company.problems() == []


def test_a_win_that_is_taken_back_is_a_step_back(odoo):
    company = odoo(
        crm_lead=[deal(1, stage_id=3, date_closed="2026-01-05")],
        **log((1, "2026-01-05", STAGE, 3, 4), (1, "2026-01-15", STAGE, 4, 3)),
    )
    assert [one[1] for one in stays(company, 1)] == ["open", "won", "open"]
    assert [row["is_backward"] for row in company.rows("stage_history")] == [False, False, True]


def test_several_rows_of_one_moment_are_one_change(odoo):
    company = odoo(
        crm_lead=[lost(1, stage_id=3)],
        **log((1, "2026-01-05", STAGE, 1, 2), (1, "2026-01-05", STAGE, 2, 3), (1, "2026-01-05", ACTIVE, 1, 0)),
    )
    assert stays(company, 1) == [("1", "open", "01-01", False), ("3", "lost", "01-05", False)]


def test_what_a_lead_went_through_is_the_first_stay_of_its_deal(odoo):
    entries = [
        (1, "2026-01-02", STAGE, 1, 2), (1, "2026-01-03", ACTIVE, 1, 0), (1, "2026-01-04", ACTIVE, 0, 1),
        (1, "2026-01-09", TYPE, None, None), (1, "2026-01-12", STAGE, 2, 4), (2, "2026-01-09", TYPE, None, None),
    ]  # fmt: skip
    company = odoo(
        crm_lead=[
            deal(1, stage_id=4, date_conversion="2026-01-09", date_closed="2026-01-12"),
            deal(2, stage_id=2, date_conversion="2026-01-09"), deal(3, type="lead"),
        ],
        **log(*entries),
    )  # fmt: skip
    assert stays(company, 1) == [("2", "open", "01-09", False), ("4", "won", "01-12", False)]
    assert stays(company, 2) == [("2", "open", "01-09", False)]  # the conversion was logged: it never moved
    assert company.problems() == []


def test_a_deal_that_was_never_logged_is_reconstructed(odoo):
    company = odoo(crm_lead=[
        deal(1, stage_id=2), lost(2, stage_id=2), deal(3, stage_id=4, date_closed="2026-01-08"),
        deal(4, active=False, probability=30, date_last_stage_update="2026-01-07"),
    ])  # fmt: skip
    assert stays(company, 1) == [("2", "open", "01-01", True)]
    assert stays(company, 2) == [("2", "open", "01-01", True), ("2", "lost", "02-01", True)]
    assert stays(company, 3) == [(None, "open", "01-01", True), ("4", "won", "01-08", True)]
    assert stays(company, 4)[-1] == ("1", "void", "01-07", True)
    assert company.problems() == []


def test_a_deal_that_is_not_where_its_log_ends_is_led_there(odoo):
    company = odoo(
        crm_lead=[deal(1, stage_id=3, date_last_stage_update="2026-01-20"), deal(2, stage_id=2), lost(3, stage_id=2)],
        **log((1, "2026-01-05", STAGE, 1, 2), (2, "2026-01-09", STAGE, 9, 2), (3, "2026-01-09", STAGE, 1, 2)),
    )
    assert stays(company, 1)[-2:] == [("2", "open", "01-05", False), ("3", "open", "01-20", True)]
    assert stays(company, 2) == [(None, "open", "01-01", False), ("2", "open", "01-09", False)]  # stage 9 was deleted
    assert stays(company, 3)[-1] == ("2", "lost", "02-01", True)
    assert company.problems() == []


def test_the_log_of_a_deal_that_was_merged_into_another_is_not_the_others(odoo):
    """Odoo moves the messages of the deals that go to the one that stays, and writes `From <name>` as their subject."""
    rows = log(
        (1, "2026-01-03", STAGE, 1, 3), (1, "2026-01-04", ACTIVE, 1, 0), (1, "2026-01-05", ACTIVE, 0, 1), (1, "2026-01-09", STAGE, 1, 2)
    )  # fmt: skip
    for message in rows["mail_message"][:3]:
        message["subject"] = "From Deal 7"
    company = odoo(crm_lead=[deal(1, stage_id=2)], **rows)
    assert stays(company, 1) == [("1", "open", "01-01", False), ("2", "open", "01-09", False)]


def test_archived_with_a_chance_is_void_from_that_day_on(odoo):
    company = odoo(
        crm_lead=[deal(1, active=False, probability=30)],
        **log((1, "2026-01-03", ACTIVE, 1, 0), (1, "2026-01-04", ACTIVE, 0, 1), (1, "2026-01-09", ACTIVE, 1, 0)),
    )
    assert [one[1:3] for one in stays(company, 1)] == [
        ("open", "01-01"),
        ("lost", "01-03"),
        ("open", "01-04"),
        ("void", "01-09"),
    ]


def test_stages_of_other_records_are_not_taken_for_deals(odoo):
    rows = log((1, "2026-01-05", STAGE, 1, 2))
    rows["mail_message"].append({"id": 9, "model": "project.task", "res_id": 1, "date": "2026-01-06"})
    rows["mail_tracking_value"].append(
        {"id": 9, "field": 5, "mail_message_id": 9, "old_value_integer": 2, "new_value_integer": 4}
    )
    company = odoo(crm_lead=[deal(1, stage_id=2)], **rows)
    assert [one[0] for one in stays(company, 1)] == ["1", "2"]


# -- customers ------------------------------------------------------------------------------------------------------
def test_contacts_are_rolled_up_and_the_companys_own_people_are_no_customers(odoo):
    company = odoo(crm_lead=[deal(1, partner_id=11), deal(2, partner_id=13), deal(3, partner_id=3)])
    assert company.by_key("customers", "is_own_company") == {
        "1": True, "4": True, "5": True, "10": False, "12": False, "14": False,
    }  # fmt: skip
    assert company.by_key("contacts", "customer_id") == {"11": "10"}
    assert company.by_key("opportunities", "customer_id", "contact_id") == {
        "1": ("10", "11"), "2": ("10", None), "3": ("1", None),
    }  # fmt: skip
    assert company.by_key("customers", "kind", "country", "parent_customer_id")["14"] == ("company", None, "10")
    assert company.by_key("customers", "country")["10"] == "BE"
    assert company.problems() == []


def test_people_who_left_keep_their_history_and_portal_users_are_no_staff(odoo):
    company = odoo()
    assert company.by_key("users", "is_active", "is_integration", "team_id", "manager_id") == {
        "1": (False, True, None, None), "2": (True, False, "1", None), "3": (False, False, None, None),
    }  # fmt: skip
    assert company.by_key("teams", "name") == {"1": "Europe"}
    assert company.by_key("pipelines_stages", "name", "position", "outcome")["4"] == ("Won", 4, "won")


def test_settings_are_the_first_companys(odoo):
    second = [*COMPANY["res_company"], {"id": 2, "partner_id": 10, "currency_id": 2, "fiscalyear_last_month": "12"}]
    settings = odoo(res_company=second).mapped.manifest.settings
    assert settings["base_currency"] == "EUR"
    assert settings["timezone"] == "Europe/Brussels"
    assert settings["fiscal_year_start_month"] == 4


# -- orders ---------------------------------------------------------------------------------------------------------
def order(number, **more):
    plain = {
        "name": f"S{number}", "state": "sale", "partner_id": 11, "company_id": 1, "currency_id": 1, "currency_rate": 1,
        "amount_untaxed": 100, "amount_tax": 21, "date_order": "2026-03-10 10:00",
    }  # fmt: skip
    return {"id": number, **plain, **more}


def line(number, order_id, **more):
    return {
        "id": number,
        "order_id": order_id,
        "name": "Chair",
        "product_uom_qty": 1,
        "price_unit": 100,
        "price_subtotal": 100,
        "discount": 0,
        **more,
    }


def test_revenue_is_in_the_companys_currency_without_tax(odoo):
    company = odoo(sale_order=[
        order(1), order(2, state="done"), order(3, state="draft"), order(4, state="sent"), order(5, state="cancel"),
        order(6, currency_id=2, currency_rate=1.25, amount_untaxed=250),
    ])  # fmt: skip
    assert company.by_key("orders", "status") == {
        "1": "confirmed", "2": "confirmed", "3": "draft", "4": "draft", "5": "cancelled", "6": "confirmed",
    }  # fmt: skip
    assert company.by_key("orders", "net_base", "currency", "customer_id", "contact_id")["6"] == (
        200,
        "USD",
        "10",
        "11",
    )
    assert company.ask("revenue", "2026-03").result.value == 400
    assert company.problems() == []


def test_another_companys_orders_are_converted_by_the_days_rate(odoo):
    rates = [
        {"currency_id": 1, "company_id": 1, "name": "2026-01-01", "rate": 2},
        {"currency_id": 3, "company_id": 1, "name": "2026-01-01", "rate": 1},
        {"currency_id": 3, "company_id": 1, "name": "2026-03-11", "rate": 4},
    ]
    company = odoo(
        res_company=[*COMPANY["res_company"], {"id": 2, "partner_id": 14, "currency_id": 3}], res_currency_rate=rates,
        sale_order=[order(1, company_id=2, currency_id=3), order(2, company_id=2, currency_id=1, currency_rate=0.5)],
        crm_lead=[deal(1, company_id=2)],
    )  # fmt: skip
    assert company.by_key("orders", "net_base") == {"1": 200, "2": 400}  # 1 franc was 2 euros on that day
    assert company.by_key("opportunities", "currency", "amount_base") == {"1": ("CHF", 200)}


def test_rates_are_turned_round_and_divided_by_the_companys_own(odoo):
    rates = [
        {"currency_id": 2, "company_id": 1, "name": "2026-01-01", "rate": 1.25},
        {"currency_id": 2, "company_id": None, "name": "2026-01-01", "rate": 9},
        {"currency_id": 2, "company_id": 2, "name": "2026-01-05", "rate": 8},
        {"currency_id": 1, "company_id": 1, "name": "2026-02-01", "rate": 2},
        {"currency_id": 2, "company_id": 1, "name": "2026-03-01", "rate": 4},
    ]
    company = odoo(res_currency_rate=rates)
    assert company.by_key("fx_rates", "rate_to_base") == {
        ("USD", date(2026, 1, 1)): pytest.approx(0.8), ("USD", date(2026, 2, 1)): pytest.approx(1.6), ("USD", date(2026, 3, 1)): 0.5,
    }  # fmt: skip


def test_lines_add_up_to_their_order_and_notes_are_no_lines(odoo):
    company = odoo(
        sale_order=[order(1, amount_untaxed=172)],
        sale_order_line=[
            line(1, 1, product_id=7, discount=10, price_subtotal=90),
            line(2, 1, product_id=7, product_uom_qty=2, price_unit=41, price_subtotal=82),
            line(3, 1, display_type="line_note", product_uom_qty=0, price_unit=0, price_subtotal=0),
            line(4, 1, product_uom_qty=0, price_unit=30, price_subtotal=0, is_downpayment=True),
        ],
        product_template=[
            {"id": 5, "name": {"en_US": "Chair"}, "type": "consu", "categ_id": 2, "list_price": 100, "active": True}
        ],
        product_product=[{"id": 7, "product_tmpl_id": 5, "default_code": "C-1", "active": True}],
        product_category=[{"id": 2, "name": "Seats", "complete_name": "All / Seats"}],
    )
    assert company.by_key("order_items", "net", "discount", "unit_price") == {
        "1": (90, 10, 100), "2": (82, 0, 41), "4": (0, 0, 30),
    }  # fmt: skip
    assert company.by_key("orders", "gross", "discount", "net") == {"1": (182, 10, 172)}
    assert company.by_key("products", "name", "sku", "category_path", "is_service") == {
        "7": ("Chair", "C-1", "All / Seats", False)
    }
    assert company.problems() == []


def test_delivery_is_part_of_net_as_in_the_crm_s_own_reports(odoo):
    company = odoo(
        sale_order=[order(1, amount_untaxed=110)],
        sale_order_line=[line(1, 1), line(2, 1, price_subtotal=10, is_delivery=True)],
    )
    assert company.by_key("orders", "net") == {"1": 110}
    assert company.by_key("order_items", "net") == {"1": 100, "2": 10}
    assert company.problems() == []


# -- credit notes ---------------------------------------------------------------------------------------------------
def move(number, kind, day, amount, **more):
    sign = -1 if kind == "out_refund" else 1
    plain = {
        "partner_id": 10,
        "commercial_partner_id": 10,
        "currency_id": 1,
        "company_id": 1,
        "state": "posted",
        "amount_tax": 0,
    }
    return {
        "id": number,
        "name": f"M{number}",
        "move_type": kind,
        "invoice_date": day,
        "amount_untaxed": amount,
        "amount_untaxed_signed": sign * amount,
        **plain,
        **more,
    }


def billing(*moves):
    """Moves with one line each, for order line 1 (or the line, or None, that a move names)."""
    rows = {"account_move": [], "account_move_line": [], "sale_order_line_invoice_rel": []}
    for made, sold in moves:
        number = made["id"]
        rows["account_move"].append(made)
        rows["account_move_line"].append({
            "id": 10 * number, "move_id": number, "name": "Chair", "display_type": "product", "quantity": 1,
            "price_unit": made["amount_untaxed"], "price_subtotal": made["amount_untaxed"],
        })  # fmt: skip
        if sold:
            rows["sale_order_line_invoice_rel"].append({"invoice_line_id": 10 * number, "order_line_id": sold})
    return rows


def notes(company):
    return {
        key: round(net, 6)
        for key, (kind, net) in company.by_key("orders", "document", "net_base").items()
        if kind == "credit_note"
    }


def test_a_credit_note_lowers_revenue_on_its_own_day(odoo):
    company = odoo(
        sale_order=[order(1)], sale_order_line=[line(1, 1)],
        **billing((move(1, "out_invoice", "2026-03-12", 100), 1), (move(2, "out_refund", "2026-04-01", 30), 1)),
    )  # fmt: skip
    assert notes(company) == {"refund-2": -30}
    assert company.by_key("orders", "ordered_at")["refund-2"] == datetime(2026, 3, 31, 22)  # midnight in Brussels
    assert company.by_key("order_items", "net", "order_id")["refund-20"] == (-30, "refund-2")
    assert [company.ask("revenue", month).result.value for month in ("2026-03", "2026-04")] == [100, -30]
    assert company.problems() == []


def test_a_corrected_invoice_loses_nothing(odoo):
    company = odoo(
        sale_order=[order(1)], sale_order_line=[line(1, 1)],
        **billing((move(1, "out_invoice", "2026-03-12", 100), 1), (move(2, "out_refund", "2026-03-13", 100), 1),
                  (move(3, "out_invoice", "2026-03-13", 80), 1), (move(4, "out_refund", "2026-03-14", 20, state="draft"), 1)),
    )  # fmt: skip
    assert notes(company) == {"refund-2": -20}


def test_what_has_no_confirmed_order_takes_nothing_away(odoo):
    company = odoo(
        sale_order=[order(1), order(2, state="cancel"), order(3)],
        sale_order_line=[line(1, 1), line(2, 2), line(3, 3, product_uom_qty=0, price_subtotal=0, is_downpayment=True)],
        **billing((move(1, "out_refund", "2026-04-01", 100), 2), (move(2, "out_refund", "2026-04-01", 40), None),
                  (move(3, "out_invoice", "2026-04-01", 30), 3), (move(4, "out_refund", "2026-04-02", 30), 3),
                  (move(5, "in_refund", "2026-04-02", 30), 1)),
    )  # fmt: skip
    assert notes(company) == {}
    assert company.ask("revenue", "2026").result.value == 200


def test_a_credit_note_in_another_currency_takes_the_rate_that_was_booked(odoo):
    company = odoo(
        sale_order=[order(1, currency_id=2, currency_rate=1.25, amount_untaxed=250)], sale_order_line=[line(1, 1, price_subtotal=250)],
        **billing((move(1, "out_invoice", "2026-03-12", 250), 1), (move(2, "out_refund", "2026-04-03", 50, currency_id=2, amount_untaxed_signed=-45), 1)),
    )  # fmt: skip
    assert notes(company) == {"refund-2": -45}


def test_invoices_are_the_orders_of_a_company_that_sells_by_invoice_only(odoo):
    documents = billing((move(1, "out_invoice", "2026-03-12", 100), None), (move(2, "out_refund", "2026-04-03", 50), None),
                        (move(3, "in_invoice", "2026-04-03", 70), None), (move(4, "out_invoice", "2026-04-03", 9, state="draft"), None))  # fmt: skip
    company = odoo(sale_order=[order(1, state="draft")], **documents)
    assert company.by_key("orders", "document", "status", "net_base") == {
        "1": ("order", "draft", 100), "invoice-1": ("invoice", "confirmed", 100), "invoice-2": ("credit_note", "confirmed", -50),
        "invoice-4": ("invoice", "draft", 9),
    }  # fmt: skip
    assert company.problems() == []
    assert set(odoo(sale_order=[order(1)], **documents).by_key("orders", "net")) == {"1"}


# -- marketing ------------------------------------------------------------------------------------------------------
UTM = {
    "utm_medium": [{"id": 1, "name": "Email"}, {"id": 2, "name": "Website"}, {"id": 3, "name": "Carrier pigeon"}],
    "utm_source": [
        {"id": 1, "name": "Search engine"},
        {"id": 2, "name": "May letter"},
        {"id": 3, "name": "June letter"},
    ],
    "utm_campaign": [{"id": 1, "name": "Spring", "title": {"en_US": "Spring"}, "is_auto_campaign": False}],
    "mailing_mailing": [
        {
            "id": 1,
            "subject": "May",
            "campaign_id": 1,
            "source_id": 2,
            "state": "done",
            "mailing_type": "mail",
            "sent_date": "2026-05-01 08:00",
        },
        {
            "id": 2,
            "subject": "June",
            "source_id": 3,
            "state": "done",
            "mailing_type": "mail",
            "sent_date": "2026-06-01 08:00",
        },
    ],
}


def trace(number, **more):
    plain = {
        "mass_mailing_id": 1,
        "model": "res.partner",
        "res_id": 11,
        "email": "Bea@Acme.example",
        "trace_status": "sent",
        "create_date": "2026-05-01 07:00",
    }
    return {"id": number, **plain, "write_date": "2026-05-03", **more}


def test_opens_are_told_by_their_moment_because_a_later_status_overwrites(odoo):
    sent = {"sent_datetime": "2026-05-01 08:00"}
    company = odoo(**UTM, mailing_trace=[
        trace(1, trace_status="reply", open_datetime="2026-05-01 09:00", reply_datetime="2026-05-01 10:00", **sent),
        trace(2, res_id=12, trace_status="bounce", **sent), trace(3, res_id=10, trace_status="cancel"),
        trace(4, res_id=10, trace_status="outgoing"), trace(5, res_id=10, trace_status="error"),
        trace(6, model="mailing.contact", res_id=77, mass_mailing_id=2, links_click_datetime="2026-05-02", **sent),
        trace(7, model="crm.lead", res_id=1, email="x@y.example", **sent),
        trace(8, **sent),
    ], crm_lead=[deal(1, type="lead", partner_id=None)],
       link_tracker_click=[{"mailing_trace_id": 6, "create_date": "2026-05-01 12:00"}, {"mailing_trace_id": None, "create_date": "2026-05-01"}])  # fmt: skip
    rows = {(r["campaign_id"], r["member_key"]): r for r in company.rows("campaign_members")}
    assert set(rows) == {
        ("1", "res.partner-11"), ("1", "res.partner-11/2"), ("1", "res.partner-12"), ("mailing-2", "mailing.contact-77"), ("1", "crm.lead-1"),
    }  # fmt: skip
    first = rows["1", "res.partner-11"]
    assert (first["opened_at"].hour, first["replied_at"].hour, first["customer_id"], first["contact_id"]) == (
        9,
        10,
        "10",
        "11",
    )
    assert rows["1", "res.partner-12"]["bounced_at"] is not None
    assert rows["1", "res.partner-12"]["delivered_at"] is None
    clicked = rows["mailing-2", "mailing.contact-77"]
    assert (clicked["clicked_at"].hour, clicked["clicks"], clicked["contact_id"]) == (12, 1, "11")
    assert rows["1", "crm.lead-1"]["lead_id"] == "1"
    assert company.by_key("campaigns", "name", "channel", "starts_on") == {
        "1": ("Spring", "email", date(2026, 5, 1)), "mailing-2": ("June", "email", date(2026, 6, 1)),
    }  # fmt: skip
    assert sorted(r["kind"] for r in company.rows("touchpoints")) == ["click", "email"]
    assert company.problems() == []


def test_a_mailing_to_orders_registrations_or_by_telephone_knows_its_customer(odoo):
    sent = {"sent_datetime": "2026-05-01 08:00"}
    company = odoo(
        **UTM, sale_order=[order(1)], event_registration=[{"id": 4, "partner_id": 12, "state": "open", "create_date": "2026-01-01"}],
        mailing_contact=[{"id": 77, "email_normalized": "bea@acme.example"}],
        mailing_trace=[
            trace(1, model="sale.order", res_id=1, **sent), trace(2, model="event.registration", res_id=4, **sent),
            trace(3, model="mailing.contact", res_id=77, email=None, **sent), trace(4, res_id=11, email=None, **sent),
            trace(5, res_id=99, **sent), trace(6, model="hr.applicant", res_id=1, email='"B" <bea@acme.example>', **sent),
        ],
    )  # fmt: skip
    rows = company.rows("campaign_members", "member_key", "customer_id", "contact_id", "email_key")
    told = {r["member_key"]: (r["customer_id"], r["contact_id"]) for r in rows}
    assert told == {
        "sale.order-1": ("10", "11"), "event.registration-4": ("12", None), "mailing.contact-77": ("10", "11"),
        "res.partner-11": ("10", "11"), "res.partner-99": ("10", "11"), "hr.applicant-1": (None, None),
    }  # fmt: skip
    key = {r["member_key"]: r["email_key"] for r in rows}
    assert key["mailing.contact-77"] == key["res.partner-11"] == key["res.partner-99"]
    assert company.problems() == []


def test_a_person_has_one_key_however_the_address_is_written(odoo):
    company = odoo(
        **UTM, res_partner=partners({"id": 20, "email": '"Dan" <Dan@acme.example>', "email_normalized": "dan@acme.example"}),
        mailing_trace=[trace(1, res_id=20, email='"Dan" <Dan@acme.example>', sent_datetime="2026-05-01"),
                       trace(2, res_id=99, email="dan@acme.example", sent_datetime="2026-05-01")],
    )  # fmt: skip
    keys = {row["email_key"] for row in company.rows("campaign_members", "email_key")}
    assert keys == {company.by_key("customers", "email_key")["20"]}


def test_arms_of_a_test_are_told_apart_and_what_went_to_all_afterwards_is_none(odoo):
    plain = {"campaign_id": 1, "state": "done", "mailing_type": "mail", "ab_testing_enabled": True, "ab_testing_pc": 10}
    company = odoo(
        utm_campaign=UTM["utm_campaign"],
        mailing_mailing=[
            {"id": 1, "subject": "Hello", **plain}, {"id": 2, "subject": "Hello", **plain}, {"id": 3, "subject": "Goodbye", **plain},
            {**plain, "id": 4, "subject": "Goodbye", "ab_testing_pc": 100},
            {**plain, "id": 5, "subject": "Plain", "ab_testing_enabled": False},
        ],
        mailing_trace=[trace(n, mass_mailing_id=n, res_id=9 + n, sent_datetime="2026-05-01") for n in range(1, 6)],
    )  # fmt: skip
    assert {r["member_key"]: r["variant"] for r in company.rows("campaign_members", "member_key", "variant")} == {
        "res.partner-10": "Hello #1", "res.partner-11": "Hello #2", "res.partner-12": "Goodbye",
        "res.partner-13": None, "res.partner-14": None,
    }  # fmt: skip


def test_who_leaves_a_list_or_is_blocked_left_after_the_last_mailing(odoo):
    def listed(number, day, **more):
        return trace(number, model="mailing.contact", res_id=77, sent_datetime=f"2026-05-{day:02}", **more)

    company = odoo(
        **UTM, mailing_contact=[{"id": 77, "email_normalized": "bea@acme.example"}, {"id": 78, "email_normalized": "in@acme.example"}],
        mailing_contact_list_rel=[
            {"id": 1, "contact_id": 77, "opt_out": True, "unsubscription_date": "2026-05-12 10:00"},
            {"id": 2, "contact_id": 78, "opt_out": False},
        ],
        mail_blacklist=[
            {"id": 1, "email": "carl@acme.example", "active": True, "create_date": "2026-05-20"},
            {"id": 2, "email": "dan@acme.example", "active": True, "create_date": "2026-05-21"},
            {"id": 3, "email": "in@acme.example", "active": False, "create_date": "2026-05-22"},
        ],
        mailing_trace=[
            listed(1, 1), listed(2, 11), listed(3, 13), trace(4, res_id=11, sent_datetime="2026-05-12"),
            trace(5, res_id=12, email="carl@acme.example", sent_datetime="2026-05-02"),
            trace(6, res_id=13, email="dan@acme.example", sent_datetime="2026-05-02"),
            trace(7, res_id=13, email="dan@acme.example", sent_datetime="2026-05-03", trace_status="bounce"),
            trace(8, model="mailing.contact", res_id=78, email="in@acme.example", sent_datetime="2026-05-03"),
        ],
    )  # fmt: skip
    rows = company.rows("campaign_members", "member_key", "first_sent_at", "unsubscribed_at")
    left = {(r["member_key"], r["first_sent_at"].day): r["unsubscribed_at"] for r in rows if r["unsubscribed_at"]}
    assert left == {
        ("mailing.contact-77", 11): datetime(2026, 5, 12, 10), ("res.partner-12", 2): datetime(2026, 5, 20),
    }  # fmt: skip


def test_a_message_to_a_telephone_that_is_on_its_way_is_not_delivered(odoo):
    company = odoo(**UTM, mailing_trace=[trace(1, trace_status="pending", email=None, sent_datetime="2026-05-01")])
    assert [(r["sent_at"].day, r["delivered_at"]) for r in company.rows("campaign_members")] == [(1, None)]


def test_the_source_tells_where_the_medium_is_vague_and_a_mailing_is_known_by_its_own(odoo):
    company = odoo(**UTM, crm_lead=[
        deal(1, medium_id=1, campaign_id=1), deal(2, medium_id=2, source_id=1), deal(3, medium_id=2), deal(4, medium_id=3),
        deal(5), deal(6, medium_id=1, source_id=2), deal(7, source_id=3, medium_id=1),
    ], sale_order=[order(1, medium_id=2, source_id=1, campaign_id=1)])  # fmt: skip
    assert company.by_key("opportunities", "channel", "campaign_id") == {
        "1": ("email", "1"), "2": ("search", None), "3": ("website", None), "4": ("other", None), "5": (None, None),
        "6": ("email", "1"), "7": ("email", "mailing-2"),
    }  # fmt: skip
    assert company.by_key("orders", "channel", "campaign_id") == {"1": ("search", "1")}
    own = '[channel_map]\n"Carrier pigeon" = "direct"'
    assert odoo(own=own, **UTM, crm_lead=[deal(1, medium_id=3)]).by_key("opportunities", "channel") == {"1": "direct"}


# -- contact, service, surveys, loyalty -----------------------------------------------------------------------------
def test_only_what_reached_somebody_is_an_interaction(odoo):
    messages = [
        {"model": "crm.lead", "res_id": 1, "date": "2026-01-02", "author_id": 3, "message_type": "notification"},
        {
            "model": "crm.lead",
            "res_id": 1,
            "date": "2026-01-03",
            "author_id": 3,
            "message_type": "comment",
            "subtype_id": 1,
        },
        {
            "model": "crm.lead",
            "res_id": 1,
            "date": "2026-01-04",
            "author_id": 3,
            "message_type": "comment",
            "subtype_id": 2,
        },
        {"model": "sale.order", "res_id": 1, "date": "2026-01-05", "author_id": 11, "message_type": "email"},
        {
            "model": "res.partner",
            "res_id": 12,
            "date": "2026-01-06",
            "author_id": 3,
            "message_type": "notification",
            "mail_activity_type_id": 1,
        },
        {
            "model": "account.move",
            "res_id": 1,
            "date": "2026-01-07",
            "author_id": 3,
            "message_type": "comment",
            "subtype_id": 1,
        },
    ]
    company = odoo(
        crm_lead=[deal(1, partner_id=11)], sale_order=[order(1)], mail_message=messages,
        mail_message_subtype=[{"id": 1, "internal": False}, {"id": 2, "internal": True}],
        mail_activity_type=[{"id": 1, "category": "phonecall", "icon": "fa-phone"}, {"id": 2, "category": "default", "icon": "fa-users"}],
        mail_activity=[{"res_model": "crm.lead", "res_id": 1, "activity_type_id": 2, "user_id": 2, "date_deadline": "2026-02-01", "create_date": "2026-01-08"}],
    )  # fmt: skip
    told = company.by_key("interactions", "kind", "direction", "customer_id", "status")
    assert told == {
        "message-2": ("email", "outbound", "10", "done"), "message-4": ("email", "inbound", "10", "done"),
        "message-5": ("call", None, "12", "done"), "activity-1": ("meeting", None, "10", "planned"),
    }  # fmt: skip
    assert company.by_key("interactions", "done_at")["activity-1"] is None
    assert company.by_key("interactions", "opportunity_id", "contact_id")["message-2"] == ("1", "11")


def test_tasks_of_customers_are_tickets_and_internal_ones_are_void(odoo):
    task = {
        "name": "Broken",
        "stage_id": 1,
        "create_date": "2026-01-01 09:00",
        "active": True,
        "is_closed": False,
        "project_id": 1,
    }
    company = odoo(
        project_task=[
            {**task, "id": 1, "partner_id": 11, "is_closed": True, "stage_id": 2, "date_end": "2026-01-03"}, {**task, "id": 2},
            {**task, "id": 3, "partner_id": 10, "parent_id": 1}, {**task, "id": 4, "email_from": "x@y.example", "kanban_state": "blocked"},
            {**task, "id": 5, "partner_id": 1},
        ],
        project_task_type=[{"id": 1, "name": {"en_US": "New"}, "fold": False}, {"id": 2, "name": {"en_US": "Done"}, "fold": True}],
        mail_message=[
            {"id": 1, "model": "project.task", "res_id": 1, "date": "2026-01-01 12:00", "author_id": 3, "message_type": "comment"},
            {"id": 2, "model": "project.task", "res_id": 1, "date": "2026-01-02", "author_id": 2, "message_type": "notification"},
        ],
        mail_tracking_value=[{"id": 1, "field": 5, "mail_message_id": 2, "old_value_integer": 1, "new_value_integer": 2}],
        rating_rating=[
            {"id": 1, "res_model": "project.task", "res_id": 1, "partner_id": 11, "rating": 4, "consumed": True, "create_date": "2026-01-03", "write_date": "2026-01-04"},
            {"id": 2, "res_model": "project.task", "res_id": 1, "partner_id": 11, "rating": 0, "consumed": False, "create_date": "2026-01-03"},
        ],
    )  # fmt: skip
    assert company.by_key("tickets", "status") == {
        "task-1": "closed", "task-2": "void", "task-3": "void", "task-4": "pending", "task-5": "void",
    }  # fmt: skip
    assert company.by_key("tickets", "first_response_at", "resolved_at", "satisfaction", "customer_id")["task-1"] == (
        datetime(2026, 1, 1, 12), datetime(2026, 1, 3), 0.75, "10",
    )  # fmt: skip
    assert company.by_key("ticket_history", "status")["task-1", 2] == "closed"
    assert company.by_key("survey_responses", "is_complete", "ticket_id") == {
        "rating-1": (True, "task-1"),
        "rating-2": (False, "task-1"),
    }
    assert company.by_key("survey_answers", "score") == {("rating-1", "rating"): 4}
    assert company.problems() == []


def test_a_task_that_leaves_a_folded_stage_is_open_again(odoo):
    moves = [(1, 1, 2), (2, 2, 3), (3, 3, 1), (4, 1, 3), (5, 3, 1)]
    company = odoo(
        project_task=[{"id": 1, "name": "Broken", "stage_id": 1, "partner_id": 11, "active": True, "create_date": "2026-01-01"}],
        project_task_type=[{"id": 1, "name": {"en_US": "New"}}, {"id": 2, "name": {"en_US": "Work"}}, {"id": 3, "name": {"en_US": "Done"}, "fold": True}],
        mail_message=[{"id": n, "model": "project.task", "res_id": 1, "date": f"2026-01-0{n + 1}", "message_type": "notification"} for n, *_ in moves],
        mail_tracking_value=[{"id": n, "field": 5, "mail_message_id": n, "old_value_integer": a, "new_value_integer": b} for n, a, b in moves],
    )  # fmt: skip
    assert company.by_key("tickets", "status", "reopened_count") == {"task-1": ("open", 2)}


def test_an_answer_without_a_partner_is_that_of_its_address(odoo):
    plain = {"survey_id": 1, "state": "done", "create_date": "2026-01-02"}
    company = odoo(
        survey_survey=[{"id": 1, "title": {"en_US": "How was it"}, "create_date": "2026-01-01"}],
        survey_user_input=[{"id": 1, "email": " Bea@acme.example", **plain}, {"id": 2, "email": "new@x.example", **plain}, {"id": 3, **plain}],
    )  # fmt: skip
    assert company.by_key("survey_responses", "contact_id") == {"survey-1": "11", "survey-2": None, "survey-3": None}


def test_surveys_without_their_trials(odoo):
    company = odoo(
        survey_survey=[{"id": 1, "title": {"en_US": "How was it"}, "create_date": "2026-01-01"}],
        survey_question=[{"id": 1, "survey_id": 1, "question_type": "simple_choice"}, {"id": 2, "survey_id": 1, "question_type": "text_box"}],
        survey_question_answer=[{"id": n + 1, "question_id": 1, "value": {"en_US": str(n)}} for n in range(11)],
        survey_user_input=[
            {"id": 1, "survey_id": 1, "partner_id": 11, "state": "done", "create_date": "2026-01-02", "end_datetime": "2026-01-03"},
            {"id": 2, "survey_id": 1, "partner_id": 12, "state": "new", "create_date": "2026-01-02"},
            {"id": 3, "survey_id": 1, "state": "done", "test_entry": True, "create_date": "2026-01-02"},
        ],
        survey_user_input_line=[
            {"user_input_id": 1, "survey_id": 1, "question_id": 1, "suggested_answer_id": 10, "answer_type": "suggestion"},
            {"user_input_id": 1, "survey_id": 1, "question_id": 2, "answer_type": "text_box", "value_text_box": "Fine"},
            {"user_input_id": 3, "survey_id": 1, "question_id": 1, "suggested_answer_id": 1, "answer_type": "suggestion"},
        ],
    )  # fmt: skip
    assert company.by_key("surveys", "name", "scale_min", "scale_max") == {"survey-1": ("How was it", 0, 10)}
    assert company.by_key("survey_responses", "customer_id", "is_complete") == {
        "survey-1": ("10", True),
        "survey-2": ("12", False),
    }
    assert company.by_key("survey_answers", "score", "text") == {
        ("survey-1", "1"): (9, "9"),
        ("survey-1", "2"): (None, "Fine"),
    }
    assert company.problems() == []


def test_loyalty_is_cards_of_loyalty_programmes_and_what_orders_earned_and_cost(odoo):
    company = odoo(
        loyalty_program=[{"id": 1, "name": {"en_US": "Points"}, "program_type": "loyalty"}, {"id": 2, "program_type": "gift_card"}],
        loyalty_card=[
            {"id": 1, "program_id": 1, "partner_id": 11, "points": 7, "create_date": "2026-01-01"},
            {"id": 2, "program_id": 2, "partner_id": 11, "points": 50, "create_date": "2026-01-01"},
        ],
        sale_order=[order(1), order(2, state="draft")], sale_order_line=[line(1, 1), line(2, 1, price_subtotal=0, coupon_id=1, points_cost=3)],
        sale_order_coupon_points=[{"order_id": 1, "coupon_id": 1, "points": 10}, {"order_id": 2, "coupon_id": 1, "points": 5}, {"order_id": 1, "coupon_id": 2, "points": 5}],
    )  # fmt: skip
    assert company.by_key("loyalty_accounts", "customer_id", "points_balance") == {"1": ("10", 7)}
    assert company.by_key("loyalty_ledger", "points") == {"earned-1": 10, "spent-2": -3}
    assert company.problems() == []


# -- other installations --------------------------------------------------------------------------------------------
def test_modules_that_are_not_installed_leave_the_others_standing(odoo):
    missing = (
        "mailing_mailing", "mailing_trace", "link_tracker_click", "project_task", "project_task_type", "rating_rating", "survey_survey",
        "survey_question", "survey_question_answer", "survey_user_input", "survey_user_input_line", "loyalty_program", "loyalty_card",
        "sale_order_coupon_points", "account_move", "account_move_line", "sale_order_line_invoice_rel",
        "sale_order_line.coupon_id", "sale_order_line.points_cost", "sale_order.opportunity_id",
    )  # fmt: skip
    company = odoo(without=missing, sale_order=[order(1)], crm_lead=[deal(1)])
    assert company.ask("revenue", "2026").result.value == 100
    assert set(company.mapped.lacking) == {"loyalty_accounts", "loyalty_ledger"}
