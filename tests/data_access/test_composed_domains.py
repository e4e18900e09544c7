"""Companies of several systems joined by their domains, where that is asked for; what is nobody's domain joins nobody."""

from __future__ import annotations

import duckdb
import pytest

from data_access.errors import SourceError
from data_access.extract.run import Job, extract
from data_access.mappings.shared_domains import FREE_MAIL
from data_access.place import BY_DOMAIN, find_place
from tests.mappings.native import empty_database, fill, reading, settings_file, tables_of

SCHEMA = """
account: id whole, kind text, mail text, site text, gone whole
organization: id whole, kind text, mail text, site text
"""
BEGAN = "cast('2020-01-01 00:00:00' as timestamp)"
CELLS = "text(id) AS customer_id, kind AS kind, email_key(mail) AS email_key, lower(site) AS x_domain"
SELECTS = {
    "crm": {"customers": f"SELECT {CELLS}, text(gone) AS merged_into_id, {BEGAN} AS first_seen_at FROM account"},
    "desk": {
        "customers": f"SELECT {CELLS}, {BEGAN} AS first_seen_at FROM organization",
        "orders": f"SELECT text(id) AS order_id, text(id) AS customer_id, 1 AS net, {BEGAN} AS ordered_at, "
        "'confirmed' AS status FROM organization",
    },
}
ASKED = f'{BY_DOMAIN} = true\n[settings]\nbase_currency = "EUR"\ntimezone = "UTC"\n'
ROWS = {
    "account": [
        {"id": 1, "kind": "company", "site": "acme.com"},
        {"id": 2, "kind": "company", "site": "Bolt.example"},
        {"id": 3, "kind": "company", "site": "twice.com"},
        {"id": 4, "kind": "company", "site": "twice.com"},
        {"id": 5, "kind": "company", "site": "gmail.com"},
        {"id": 6, "kind": "company", "site": "facebook.com"},
        {"id": 7, "kind": "person", "site": "ann.com", "mail": "ann@ann.com"},
        {"id": 8, "kind": "company", "site": ""},
        {"id": 9, "kind": "company", "site": "merged.com", "gone": 1},
        {"id": 10, "kind": "company", "site": "other.com", "mail": "eve@other.com"},
        {"id": 11, "kind": "company", "site": "eve.com"},
    ],
    "organization": [
        {"id": 1, "kind": "company", "site": "ACME.com"},
        {"id": 2, "kind": "company", "site": "bolt.example"},
        {"id": 3, "kind": "company", "site": "twice.com"},
        {"id": 4, "kind": "company", "site": "gmail.com"},
        {"id": 5, "kind": "company", "site": "facebook.com"},
        {"id": 6, "kind": "company", "site": "ann.com"},
        {"id": 7, "kind": "company", "site": ""},
        {"id": 8, "kind": "company", "site": None},
        {"id": 9, "kind": "person", "site": "acme.com", "mail": "bob@acme.com"},
        {"id": 10, "kind": "company", "site": "shop.acme.com"},
        {"id": 11, "kind": "company", "site": "merged.com"},
        {"id": 12, "kind": "company", "site": "eve.com", "mail": "eve@other.com"},
    ],
}
OWN_STILL = {f"desk:{i}" for i in (3, 4, 5, 6, 7, 8, 9, 10, 11)}


@pytest.fixture(autouse=True)
def _mappings(tmp_path):
    for name, tables in SELECTS.items():
        (tmp_path / name).mkdir()
        for table, sql in tables.items():
            (tmp_path / name / f"{table}.sql").write_text(sql)
        sections = "".join(f'[tables.{table}]\nsql = "{table}.sql"\n' for table in tables)
        (tmp_path / name / "mapping.toml").write_text(f'id = "{name}"\n{sections}')


company = reading(["./crm", "./desk"], SCHEMA, "duckdb", "sqlite", "postgresql", "mariadb")


def those_of_the_desk(ids):
    return {one for one in ids if one.startswith("desk:")}


def test_a_company_is_known_by_its_domain_and_nobody_by_one_that_is_shared(company):
    made = company(own=ASKED, **ROWS)
    assert those_of_the_desk(made.by_key("customers", "kind")) == OWN_STILL
    bought = made.by_key("orders", "customer_id")
    assert (bought["desk:1"], bought["desk:2"], bought["desk:3"]) == ("crm:1", "crm:2", "desk:3")
    assert bought["desk:12"] == "crm:10", "an e-mail says more than a domain"


def test_a_domain_that_two_companies_of_the_later_system_have_joins_neither(company):
    groups = [{"id": i, "kind": "company", "site": "acme.com"} for i in (1, 2)]
    made = company(own=ASKED, account=ROWS["account"], organization=groups)
    assert those_of_the_desk(made.by_key("customers", "kind")) == {"desk:1", "desk:2"}


def test_nobody_is_joined_by_a_domain_unless_it_is_asked_for(company):
    made = company(own=ASKED.replace("true", "false"), **ROWS)
    assert those_of_the_desk(made.by_key("customers", "kind")) == {f"desk:{i}" for i in range(1, 12)}


def test_no_domain_of_free_mail_joins_companies(company):
    names = FREE_MAIL.split()
    accounts = [{"id": i, "kind": "company", "site": name} for i, name in enumerate(names, start=1)]
    made = company(own=ASKED, account=accounts, organization=accounts)
    assert len(made.by_key("customers", "kind")) == 2 * len(names)


def test_what_is_neither_true_nor_false_is_refused(company):
    with pytest.raises(SourceError, match="write true or false"):
        company(own=ASKED.replace("true", '"yes"'), **ROWS).mapped  # noqa: B018


def test_companies_in_different_databases_are_joined_as_those_in_one(tmp_path):
    (tmp_path / "other").mkdir()
    urls = [empty_database("duckdb", tmp_path), empty_database("sqlite", tmp_path / "other")]
    for url in urls:
        fill(url, tables_of(SCHEMA), ROWS)
    file = settings_file(tmp_path, urls[0], ["./crm", "./desk"], f'{ASKED}[of."./desk"]\nsource = "{urls[1]}"\n')
    extract(Job(find_place(str(file), is_live=True), tmp_path / "company.duckdb"))
    with duckdb.connect(str(tmp_path / "company.duckdb")) as connection:
        ids = {row[0] for row in connection.execute("SELECT customer_id FROM customers").fetchall()}
    assert those_of_the_desk(ids) == OWN_STILL
