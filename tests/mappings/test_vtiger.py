"""vtiger: every rule of its mapping on invented rows."""

from __future__ import annotations

import pytest

from tests.mappings.native import Native, reading

SCHEMA = """
vtiger_crmentity: crmid whole, setype text, smownerid whole, createdtime moment, modifiedtime moment, deleted whole
vtiger_users: id whole, user_name text, first_name text, last_name text, email1 text, status text, deleted whole
vtiger_currency_info: id whole, currency_code text, conversion_rate decimal, defaultid whole, deleted whole
vtiger_account: accountid whole, accountname text, account_type text, industry text, phone text, email1 text
vtiger_accountbillads: accountaddressid whole, bill_city text, bill_state text
vtiger_contactdetails: contactid whole, accountid whole, firstname text, lastname text, email text, phone text, title text, emailoptout text
vtiger_leaddetails: leadid whole, email text, firstname text, lastname text, company text, leadstatus text, leadsource text, converted whole
vtiger_potential: potentialid whole, potentialname text, related_to whole, amount decimal, closingdate day, sales_stage text, probability decimal, leadsource text, potentialtype text, contact_id whole, campaignid whole
vtiger_potstagehistory: historyid whole, potentialid whole, stage text, amount decimal, lastmodified moment
vtiger_sales_stage: sales_stage_id whole, sales_stage text, sortorderid whole
vtiger_invoice: invoiceid whole, invoice_no text, accountid whole, contactid whole, invoicedate day, invoicestatus text, pre_tax_total decimal, conversion_rate decimal, currency_id whole
vtiger_troubletickets: ticketid whole, title text, status text, priority text, category text, parent_id whole, contact_id whole
vtiger_campaign: campaignid whole, campaignname text, campaigntype text, campaignstatus text, closingdate day, expectedrevenue decimal, budgetcost decimal, actualcost decimal
"""
native = reading("vtiger", SCHEMA, "sqlite", "mariadb")
BASE = {
    "vtiger_currency_info": [
        {"id": 1, "currency_code": "USD", "conversion_rate": 1, "defaultid": -11, "deleted": 0},
        {"id": 2, "currency_code": "EUR", "conversion_rate": 0.5, "defaultid": 0, "deleted": 0},
    ],
    "vtiger_sales_stage": [
        {"sales_stage": name, "sortorderid": place}
        for place, name in enumerate(("Prospecting", "Qualification", "Closed Won", "Closed Lost"), start=1)
    ],
}


@pytest.fixture
def crm(native):
    def make(entities: dict[int, str], gone: tuple[int, ...] = (), **rows: list[dict]) -> Native:
        made = [
            {
                "crmid": n,
                "setype": kind,
                "smownerid": 1,
                "createdtime": "2026-01-05 09:00",
                "modifiedtime": "2026-06-30 12:00",
                "deleted": int(n in gone),
            }
            for n, kind in entities.items()
        ]
        users = [{"id": 1, "user_name": "ann", "status": "Active", "deleted": 0}]
        return native(**(BASE | {"vtiger_crmentity": made, "vtiger_users": users} | rows))

    return make


def snapshot(at: str, stage: str, deal: int = 10) -> dict:
    return {"potentialid": deal, "stage": stage, "lastmodified": at}


def test_snapshots_of_one_stage_are_one_stay_and_the_closing_day_is_a_forecast(crm):
    company = crm(
        {10: "Potentials", 11: "Potentials", 12: "Potentials", 13: "Potentials"},
        gone=(13,),
        vtiger_potential=[
            {
                "potentialid": 10,
                "potentialname": "D",
                "sales_stage": "Closed Won",
                "amount": 100,
                "closingdate": "2026-02-01",
            },
            {"potentialid": 11, "potentialname": "E", "sales_stage": "Prospecting"},
            {"potentialid": 12, "potentialname": "F", "sales_stage": "Closed Lost", "closingdate": "2026-04-01"},
            {"potentialid": 13, "potentialname": "G", "sales_stage": "Closed Won"},
        ],
        vtiger_potstagehistory=[
            snapshot("2026-01-05 09:00", "Prospecting"),
            snapshot("2026-01-10 09:00", "Prospecting"),
            snapshot("2026-02-10 09:00", "Closed Lost"),
            snapshot("2026-02-20 09:00", "Qualification"),
            snapshot("2026-03-01 09:00", "Closed Won"),
            snapshot("2026-03-05 09:00", "Closed Won"),
        ],
    )
    rows = company.rows("stage_history", "opportunity_id", "stage_id", "outcome", "entered_at", "is_reconstructed")
    assert [
        (r["opportunity_id"], r["stage_id"], r["outcome"], f"{r['entered_at']:%m-%d}", r["is_reconstructed"])
        for r in rows
    ] == [
        ("10", "Prospecting", "open", "01-05", False),
        ("10", "Closed Lost", "lost", "02-10", False),
        ("10", "Qualification", "open", "02-20", False),
        ("10", "Closed Won", "won", "03-01", False),
        ("11", "Prospecting", "open", "01-05", True),
        ("12", None, "open", "01-05", True),
        ("12", "Closed Lost", "lost", "04-01", True),
    ]
    found = company.by_key("opportunities", "outcome", "closed_at")
    assert {key: (outcome, at and f"{at:%m-%d}") for key, (outcome, at) in found.items()} == {
        "10": ("won", "03-01"),
        "11": ("open", None),
        "12": ("lost", "04-01"),
    }
    assert company.problems() == []


def test_deleted_is_told_by_the_common_table_and_rates_divide(crm):
    company = crm(
        {
            20: "Accounts",
            21: "Accounts",
            30: "Contacts",
            10: "Potentials",
            40: "Invoice",
            41: "Invoice",
            50: "HelpDesk",
            60: "Campaigns",
            70: "Leads",
            71: "Leads",
        },
        gone=(21,),
        vtiger_account=[{"accountid": 20, "accountname": "A"}, {"accountid": 21, "accountname": "Gone"}],
        vtiger_contactdetails=[{"contactid": 30, "accountid": 20, "lastname": "Lee", "emailoptout": "1"}],
        vtiger_potential=[{"potentialid": 10, "potentialname": "D", "related_to": 30, "sales_stage": "Prospecting"}],
        vtiger_invoice=[
            {
                "invoiceid": 40,
                "accountid": 20,
                "invoicedate": "2026-03-01",
                "invoicestatus": "Paid",
                "pre_tax_total": 10,
                "conversion_rate": 0.5,
                "currency_id": 2,
            },
            {
                "invoiceid": 41,
                "contactid": 30,
                "invoicedate": "2026-03-02",
                "invoicestatus": "Cancel",
                "pre_tax_total": 99,
                "conversion_rate": 1,
                "currency_id": 1,
            },
        ],
        vtiger_troubletickets=[{"ticketid": 50, "title": "T", "status": "Wait For Response", "parent_id": 30}],
        vtiger_campaign=[
            {"campaignid": 60, "campaignname": "K", "campaigntype": "Webinar", "budgetcost": 100, "actualcost": 80}
        ],
        vtiger_leaddetails=[
            {"leadid": 70, "lastname": "L", "leadstatus": "Hot", "converted": 1},
            {"leadid": 71, "lastname": "M", "leadstatus": "Junk Lead"},
        ],
    )
    assert company.by_key("customers", "name") == {"20": "A"}
    assert company.by_key("opportunities", "customer_id", "contact_id") == {"10": ("20", "30")}
    assert company.by_key("orders", "customer_id", "status", "net_base", "currency") == {
        "40": ("20", "confirmed", 20, "EUR"),
        "41": ("20", "cancelled", 99, "USD"),
    }
    assert company.by_key("tickets", "status", "customer_id") == {"50": ("pending", "20")}
    assert company.by_key("leads", "status") == {"70": "converted", "71": "disqualified"}
    costs = company.rows("campaign_costs", "kind", "amount_base", "is_planned")
    assert [tuple(row.values()) for row in costs] == [("actual", 80, False), ("budget", 100, True)]
    assert company.ask("revenue", "2026-03").result.value == 20
    assert company.problems() == []
