"""Odoo 17 and 18, as far as they are known to differ from 16."""

from data_access import engines
from data_access.mappings.detect import detect
from tests.mappings.native import reading
from tests.mappings.test_odoo16 import COMPANY, SCHEMA, STAGE, UTM, deal, log, order, partners, stays, trace

SEVENTEEN = SCHEMA.replace(
    "mail_tracking_value: id whole, field whole", "mail_tracking_value: id whole, field_id whole"
)
SEVENTEEN = SEVENTEEN.replace("display_name text", "complete_name text")
SEVENTEEN = SEVENTEEN.replace("mailing_contact_list_rel:", "mailing_subscription:")
SEVENTEEN = SEVENTEEN.replace("unsubscription_date moment", "opt_out_datetime moment")
PROPERTY = "\nir_property: id whole, name text, res_id text, value_float float, company_id whole\n"
EIGHTEEN = SEVENTEEN.replace(
    "product_tmpl_id whole, default_code text", "product_tmpl_id whole, standard_price json, default_code text"
)
LEDGER = "\nloyalty_history: id whole, card_id whole, issued float, used float, order_id whole, order_model text, description text, create_date moment\n"

sixteen = reading("odoo16", SCHEMA + PROPERTY, "postgresql")
seventeen = reading("odoo17", SEVENTEEN + PROPERTY, "sqlite", "postgresql")
eighteen = reading("odoo18", EIGHTEEN + LEDGER, "sqlite", "postgresql")


def renamed(rows):
    """The log as 17 names its field."""
    values = [
        {("field_id" if name == "field" else name): value for name, value in row.items()}
        for row in rows["mail_tracking_value"]
    ]
    return {**rows, "mail_tracking_value": values}


def rows(**more):
    return {**COMPANY, "res_partner": partners(), **more}


def found(company):
    with engines.create(engines.locate(company.url)).connect() as connection:
        return [one.manifest.id for one in detect(connection) if one.fits and one.manifest.id.startswith("odoo")]


def check(crm, version):
    """The version is told by the tables; the log names its field otherwise; a locked order stays sold."""
    company = crm(
        **rows(crm_lead=[deal(1, stage_id=2)], sale_order=[order(1)], **renamed(log((1, "2026-01-05", STAGE, 1, 2))))
    )
    assert found(company) == [version]
    assert [one[0] for one in stays(company, 1)] == ["1", "2"]
    assert company.by_key("orders", "status") == {"1": "confirmed"}
    assert company.problems() == []


def test_16_is_not_taken_for_a_later_one(sixteen):
    assert found(sixteen(**rows())) == ["odoo16"]


def test_17(seventeen):
    check(seventeen, "odoo17")


def test_18(eighteen):
    check(eighteen, "odoo18")


def check_goodbye(crm):
    """Who left a mailing list: the table and its moment bear other names since 17."""
    company = crm(**rows(
        **UTM, mailing_contact=[{"id": 77, "email_normalized": "bea@acme.example"}],
        mailing_subscription=[{"id": 1, "contact_id": 77, "opt_out": True, "opt_out_datetime": "2026-05-12"}],
        mailing_trace=[trace(1, model="mailing.contact", res_id=77, sent_datetime="2026-05-01")],
    ))  # fmt: skip
    assert [row["unsubscribed_at"].day for row in company.rows("campaign_members")] == [12]


def test_who_leaves_a_list_in_17(seventeen):
    check_goodbye(seventeen)


def test_who_leaves_a_list_in_18(eighteen):
    check_goodbye(eighteen)


def test_costs_and_points_of_18(eighteen):
    company = eighteen(**rows(
        product_template=[{"id": 5, "name": {"en_US": "Chair"}, "type": "consu"}],
        product_product=[{"id": 7, "product_tmpl_id": 5, "standard_price": {"1": 12.5}}],
        loyalty_program=[{"id": 1, "name": {"en_US": "Points"}, "program_type": "loyalty"}],
        loyalty_card=[{"id": 1, "program_id": 1, "partner_id": 11, "points": 7, "create_date": "2026-01-01"}],
        loyalty_history=[{"id": 1, "card_id": 1, "issued": 10, "used": 3, "create_date": "2026-01-02"}],
    ))  # fmt: skip
    assert company.by_key("products", "unit_cost") == {"7": 12.5}
    assert company.by_key("loyalty_ledger", "points") == {"1": 7}
