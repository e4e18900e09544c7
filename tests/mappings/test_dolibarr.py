"""Dolibarr: invented rows in its published schema."""

from tests.mappings.native import reading

SCHEMA = """
llx_const: rowid whole, name text, value text, entity whole
llx_societe: rowid whole, nom text, entity whole, client whole, status whole, email text, phone text, town text, fk_pays whole, parent whole, datec moment, tms moment
llx_c_country: rowid whole, code text
llx_societe_commerciaux: rowid whole, fk_soc whole, fk_user whole
llx_socpeople: rowid whole, entity whole, fk_soc whole, firstname text, lastname text, email text, datec moment
llx_user: rowid whole, login text, firstname text, lastname text, email text, statut whole
llx_c_lead_status: rowid whole, code text, label text, position whole, percent float
llx_projet: rowid whole, entity whole, ref text, title text, fk_soc whole, fk_opp_status whole, fk_statut whole, usage_opportunity whole, opp_amount decimal, opp_percent float, datec moment, date_close moment, datee day, tms moment
llx_facture: rowid whole, entity whole, ref text, type whole, fk_soc whole, fk_statut whole, close_code text, datef day, total_ht decimal, total_tva decimal, multicurrency_total_ht decimal, fk_projet whole
llx_facturedet: rowid whole, fk_facture whole, fk_product whole, description text, qty decimal, subprice decimal, total_ht decimal, product_type whole
llx_product: rowid whole, entity whole, ref text, label text, price decimal, cost_price decimal, tosell whole, fk_product_type whole
llx_mailing: rowid whole, entity whole, titre text, sujet text, date_envoi moment
llx_mailing_cibles: rowid whole, fk_mailing whole, fk_contact whole, email text, statut whole, date_envoi moment, tms moment
llx_ticket: rowid whole, entity whole, fk_soc whole, subject text, fk_statut whole, type_code text, category_code text, severity_code text, datec moment, date_read moment, date_close moment, fk_user_assign whole
llx_actioncomm: id whole, entity whole, code text, label text, percent whole, fk_soc whole, fk_contact whole, fk_project whole, datep moment, datep2 moment
"""
OWN = """
[settings]
timezone = "Europe/Paris"
"""
crm = reading("dolibarr", SCHEMA, "sqlite", "mariadb")

EURO = [{"rowid": 1, "name": "MAIN_MONNAIE", "value": "EUR", "entity": 1}]
ACME = {"rowid": 1, "nom": "Acme", "entity": 1, "client": 1, "fk_pays": 1, "datec": "2025-07-01 10:00"}
STATUSES = [
    {"rowid": 1, "code": "PROSP", "label": "Prospection", "position": 10, "percent": 0},
    {"rowid": 6, "code": "WON", "label": "Gagnée", "position": 60, "percent": 100},
    {"rowid": 7, "code": "LOST", "label": "Perdue", "position": 70, "percent": 0},
]


def moments(company, table, column):
    """Moments of a table by its key, to the minute."""
    found = company.by_key(table, column)
    return {key: str(at)[:16] if at is not None else None for key, at in found.items()}


def test_other_companies_of_the_installation_and_suppliers_are_left_out(crm):
    company = crm(
        own=OWN,
        llx_const=EURO,
        llx_c_country=[{"rowid": 1, "code": "FR"}],
        llx_societe=[ACME, {**ACME, "rowid": 2, "entity": 2}, {**ACME, "rowid": 3, "client": 0}, {**ACME, "rowid": 4, "client": 2, "parent": 1}],
        llx_user=[{"rowid": 1, "login": "una", "statut": 0}],
        llx_societe_commerciaux=[{"rowid": 1, "fk_soc": 1, "fk_user": 1}],
        llx_facture=[{"rowid": 1, "entity": 2, "type": 0, "fk_soc": 2, "fk_statut": 1, "datef": "2026-02-01", "total_ht": 999}],
    )  # fmt: skip
    assert company.by_key("customers", "country", "lifecycle", "parent_customer_id", "owner_id") == {
        "1": ("FR", "customer", None, "1"),
        "4": ("FR", "prospect", "1", None),
    }
    assert moments(company, "customers", "first_seen_at")["1"] == "2025-07-01 08:00"  # the clock of the server, Paris
    assert company.rows("orders", "order_id") == []
    assert company.mapped.manifest.settings["base_currency"] == "EUR"
    assert company.problems() == []


def test_revenue_is_invoiced_in_the_base_currency_and_credit_notes_take_back(crm):
    invoice = {"entity": 1, "type": 0, "fk_soc": 1, "fk_statut": 2, "datef": "2026-02-10", "multicurrency_total_ht": 7}
    company = crm(
        own=OWN,
        llx_const=EURO,
        llx_societe=[ACME],
        llx_product=[
            {"rowid": 1, "entity": 1, "ref": "P", "label": "Thing", "price": 50, "tosell": 1, "fk_product_type": 0}
        ],
        llx_facture=[
            {**invoice, "rowid": 1, "total_ht": 100, "total_tva": 20},
            {**invoice, "rowid": 2, "total_ht": -30, "type": 2},
            {**invoice, "rowid": 3, "total_ht": 40, "fk_statut": 0},
            {**invoice, "rowid": 4, "total_ht": 50, "fk_statut": 3, "close_code": "replaced"},
            {**invoice, "rowid": 5, "total_ht": 60, "fk_statut": 3, "close_code": "badcustomer"},
            {**invoice, "rowid": 6, "total_ht": 70, "type": 4},
        ],
        llx_facturedet=[
            {
                "rowid": 1,
                "fk_facture": 1,
                "fk_product": 1,
                "qty": 2,
                "subprice": 60,
                "total_ht": 100,
                "product_type": 0,
            },
            {"rowid": 2, "fk_facture": 1, "qty": 50, "subprice": 0, "total_ht": 0, "product_type": 9},
        ],
    )
    assert company.by_key("orders", "status", "document") == {
        "1": ("confirmed", "invoice"),
        "2": ("confirmed", "credit_note"),
        "3": ("draft", "invoice"),
        "4": ("cancelled", "invoice"),
        "5": ("confirmed", "invoice"),
    }
    assert company.ask("revenue", "2026-02", as_of="2026-12-31").result.value == 130
    assert company.by_key("order_items", "net", "discount") == {"1": (100, 20)}
    assert company.problems() == []


def test_a_project_is_a_deal_by_the_code_of_its_status(crm):
    project = {
        "entity": 1,
        "fk_soc": 1,
        "fk_statut": 1,
        "usage_opportunity": 1,
        "datec": "2026-01-05 10:00",
        "opp_amount": 10,
    }
    company = crm(
        own=OWN,
        llx_const=EURO,
        llx_societe=[ACME],
        llx_c_lead_status=STATUSES,
        llx_projet=[
            {
                **project,
                "rowid": 1,
                "ref": "A",
                "fk_opp_status": 6,
                "date_close": "2026-02-01 00:30",
                "datee": "2026-09-01",
            },
            {**project, "rowid": 2, "ref": "B", "fk_opp_status": 7, "tms": "2026-03-01 12:00"},
            {**project, "rowid": 3, "ref": "C", "fk_opp_status": 1},
            {**project, "rowid": 4, "ref": "D", "fk_opp_status": 1, "fk_statut": 2, "date_close": "2026-02-01 12:00"},
            {**project, "rowid": 5, "ref": "E", "fk_opp_status": 1, "usage_opportunity": 0},
            {**project, "rowid": 6, "ref": "F"},
        ],
    )
    assert company.by_key("opportunities", "outcome") == {"1": "won", "2": "lost", "3": "open", "4": "void"}
    assert moments(company, "opportunities", "closed_at") == {
        "1": "2026-01-31 23:30",
        "2": "2026-03-01 11:00",
        "3": None,
        "4": "2026-02-01 11:00",
    }
    assert [(row["opportunity_id"], row["stage_id"], row["outcome"]) for row in company.rows("stage_history")][:3] == [
        ("1", None, "open"),
        ("1", "6", "won"),
        ("2", None, "open"),
    ]
    assert all(row["is_reconstructed"] for row in company.rows("stage_history"))
    assert company.problems() == []


def test_mailings_tickets_and_the_agenda(crm):
    target = {"fk_mailing": 1, "date_envoi": "2026-02-01 10:00", "tms": "2026-02-02 10:00"}
    company = crm(
        own=OWN,
        llx_const=EURO,
        llx_societe=[ACME],
        llx_socpeople=[{"rowid": 1, "entity": 1, "fk_soc": 1, "firstname": "Ann", "lastname": "A", "email": "ann@acme.fr",
                        "datec": "2025-01-01"}],
        llx_mailing=[{"rowid": 1, "entity": 1, "titre": "News", "date_envoi": "2026-02-01 10:00"}],
        llx_mailing_cibles=[
            {**target, "rowid": 1, "fk_contact": 1, "email": "ann@acme.fr", "statut": 2},
            {**target, "rowid": 2, "email": "bob@acme.fr", "statut": 1},
            {**target, "rowid": 3, "email": "who@acme.fr", "statut": 0, "date_envoi": None},
        ],
        llx_ticket=[
            {"rowid": 1, "entity": 1, "fk_soc": 1, "fk_statut": 8, "datec": "2026-02-01 10:00", "date_close": "2026-02-03 10:00",
             "type_code": "COMPLAINT"},
            {"rowid": 2, "entity": 1, "fk_soc": 1, "fk_statut": 9, "datec": "2026-02-01 10:00"},
        ],
        llx_actioncomm=[
            {"id": 1, "entity": 1, "code": "AC_TEL", "percent": 100, "fk_soc": 1, "fk_contact": 1, "datep": "2026-02-01 10:00"},
            {"id": 2, "entity": 1, "code": "AC_OTH_AUTO", "percent": -1, "fk_soc": 1, "datep": "2026-02-01 10:00"},
            {"id": 3, "entity": 1, "code": "AC_RDV", "percent": 0, "fk_soc": 1, "datep": "2026-02-05 10:00"},
        ],
    )  # fmt: skip
    opened = [row["opened_at"] is not None for row in company.rows("campaign_members", "contact_id", "opened_at")]
    assert sorted(opened) == [False, True]
    assert company.by_key("tickets", "status", "is_complaint") == {"1": ("closed", True), "2": ("void", False)}
    assert company.by_key("interactions", "kind", "customer_id") == {"1": ("call", "1"), "3": ("meeting", "1")}
    assert moments(company, "interactions", "done_at") == {"1": "2026-02-01 09:00", "3": None}
    assert company.problems() == []
