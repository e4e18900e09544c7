"""Several mappings of one database: deals of one system, orders of another, tickets of a third, of the same people."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import pytest

from data_access.errors import MappingError
from data_access.extract.run import Job, extract
from data_access.place import find_place
from data_access.source import open_source
from i18n.words import load_words
from metrics.notes import sentence
from tests.mappings.native import reading
from tests.worlds import ask_source, forget
from ui import faults

SCHEMA = """
account: id whole, name text, region text
person: id whole, account whole, mail text
deal: id whole, account whole, stage text, sum decimal, opened moment, closed moment
buyer: id whole, mail text, name text
sale: id whole, buyer whole, at moment, sum decimal
caller: id whole, mail text
case: id whole, caller whole, at moment
"""
BEGAN = "cast('2020-01-01 00:00:00' as timestamp)"
MAPPINGS = {
    "crm": {
        "customers": f"SELECT text(id) AS customer_id, name, region, 'company' AS kind, {BEGAN} AS first_seen_at "
        "FROM account",
        "contacts": "SELECT text(id) AS contact_id, text(account) AS customer_id, email_key(mail) AS email_key, "
        f"{BEGAN} AS created_at FROM person",
        "pipelines_stages": "SELECT DISTINCT stage AS stage_id, 1 AS position, stage_outcome(stage) AS outcome "
        "FROM deal",
        "opportunities": "SELECT text(id) AS opportunity_id, text(account) AS customer_id, stage AS stage_id, "
        "sum AS amount, opened AS created_at, closed AS closed_at FROM deal",
    },
    "shop": {
        "customers": "SELECT text(id) AS customer_id, name, 'person' AS kind, email_key(mail) AS email_key, "
        f"{BEGAN} AS first_seen_at FROM buyer",
        "orders": "SELECT text(id) AS order_id, text(buyer) AS customer_id, at AS ordered_at, sum AS net, "
        "'confirmed' AS status FROM sale",
    },
    "desk": {
        "customers": f"SELECT text(id) AS customer_id, email_key(mail) AS email_key, {BEGAN} AS first_seen_at "
        "FROM caller",
        "tickets": "SELECT text(id) AS ticket_id, text(caller) AS customer_id, at AS opened_at, FALSE AS is_complaint, "
        """'open' AS status FROM ident("case")""",
    },
}
FOLDER = Path(tempfile.mkdtemp(prefix="clientele-composed-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
STAGES = """
[stage_outcomes]
won = "won"
new = "open"
"""


def write_mapping(name: str) -> None:
    (FOLDER / name).mkdir()
    lines = [f'id = "{name}"', STAGES if name == "crm" else ""]
    for table, sql in MAPPINGS[name].items():
        (FOLDER / name / f"{table}.sql").write_text(sql)
        lines.append(f'[tables.{table}]\nsql = "{table}.sql"')
    (FOLDER / name / "mapping.toml").write_text("\n".join(lines))


for mapping in MAPPINGS:
    write_mapping(mapping)

TOGETHER = "+".join(str(FOLDER / name) for name in MAPPINGS)
OWN = '[settings]\nbase_currency = "EUR"\n'
company = reading(TOGETHER, SCHEMA, "duckdb", "sqlite", "postgresql", "mariadb")
ROWS = {
    "account": [{"id": 1, "name": "Acme", "region": "North"}, {"id": 2, "name": "Bolt", "region": "South"}],
    "person": [{"id": 1, "account": 1, "mail": "Ann@acme.com"}, {"id": 2, "account": 2, "mail": None}],
    "deal": [{"id": 1, "account": 1, "stage": "won", "sum": 9, "opened": "2026-01-01", "closed": "2026-02-01"}],
    "buyer": [
        {"id": 1, "mail": "ann@acme.com ", "name": "Ann"},
        {"id": 2, "mail": "eve@x.org", "name": "Eve"},
        {"id": 3, "mail": None, "name": "Nobody"},
    ],
    "sale": [
        {"id": 1, "buyer": 1, "at": "2026-03-01 10:00", "sum": 100},
        {"id": 2, "buyer": 2, "at": "2026-03-02 10:00", "sum": 10},
        {"id": 3, "buyer": 3, "at": "2026-03-03 10:00", "sum": 1},
    ],
    "caller": [{"id": 1, "mail": "EVE@x.org"}, {"id": 2, "mail": "ann@acme.com"}, {"id": 3, "mail": "new@y.org"}],
    "case": [
        {"id": 1, "caller": 1, "at": "2026-03-05 10:00"},
        {"id": 2, "caller": 2, "at": "2026-03-05 11:00"},
        {"id": 3, "caller": 3, "at": "2026-03-05 12:00"},
    ],
}


def test_a_person_is_one_customer_whoever_knows_them(company):
    made = company(own=OWN, **ROWS)
    assert sorted(made.by_key("customers", "name")) == ["crm:1", "crm:2", "desk:3", "shop:2", "shop:3"]
    assert made.by_key("orders", "customer_id") == {"shop:1": "crm:1", "shop:2": "shop:2", "shop:3": "shop:3"}
    assert made.by_key("tickets", "customer_id") == {"desk:1": "shop:2", "desk:2": "crm:1", "desk:3": "desk:3"}
    assert made.by_key("contacts", "customer_id") == {"crm:1": "crm:1", "crm:2": "crm:2"}
    assert made.by_key("stage_history", "stage_id", "is_reconstructed") == {("crm:1", 1): ("crm:won", True)}


def test_a_record_that_was_merged_into_one_whom_another_source_knows_is_that_customer(company, tmp_path):
    own = "CASE WHEN id = 3 THEN '1' END AS merged_into_id, CASE WHEN id = 2 THEN '1' END AS parent_customer_id, "
    (tmp_path / "buyers.sql").write_text(MAPPINGS["shop"]["customers"].replace("SELECT ", f"SELECT {own}"))
    made = company(own=OWN + f"[of.'{FOLDER / 'shop'}'.tables.customers]\nsql = \"buyers.sql\"\n", **ROWS)
    assert made.by_key("customers", "merged_into_id")["shop:3"] == "crm:1"
    assert made.by_key("customers", "parent_customer_id")["shop:2"] == "crm:1"
    assert made.ask("customers", "2026-03").result.value == 2
    frame = made.ask("revenue", "2026-03", by="region").result.frame
    assert dict(zip(frame["group"].fillna(""), frame["value"], strict=True)) == {"North": 101, "": 10}


def test_orders_of_one_source_are_cut_by_what_another_knows(company):
    made = company(own=OWN, **ROWS)
    frame = made.ask("revenue", "2026-03", by="region").result.frame
    assert dict(zip(frame["group"].fillna(""), frame["value"], strict=True)) == {"North": 100, "": 11}
    assert made.ask("win_rate", "2026").result.value == 1
    assert made.problems() == []


def test_what_is_said_of_one_source_stands_under_its_name(company):
    own = OWN + f"[of.'{FOLDER / 'shop'}'.tables.orders]\nskip = true\n"
    assert "orders" not in company(own=own, **ROWS).mapped.tables


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ('prefix = "x"\n' + OWN, "say whose it is"),
        (OWN + "[of.other]\nprefix = 'x'\n", "about no mapping of this file"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(company, own, said):
    with pytest.raises(MappingError, match=said):
        company(own=own, **ROWS).mapped  # noqa: B018


LOST = {  # what is gone, and what the English page says of it
    "sale": "The database has no table “sale”.",
    "sale.sum": "orders.sql line 1 reads the column “sum”, which is not there.",
}


@pytest.mark.parametrize("gone", LOST)
def test_a_part_that_cannot_be_made_is_said_and_the_rest_never_passes_for_all(company, gone, tmp_path):
    """The leading source has orders too: they alone would be a smaller revenue."""
    skip = f"[of.'{FOLDER / 'shop'}'.tables.orders]\nskip = true\n"
    own = f"{OWN}[of.'{FOLDER / 'crm'}'.tables.orders]\nsql = '{also_orders(tmp_path)}'\n"
    rows = {name: rows for name, rows in ROWS.items() if name != gone} | _without(gone)
    lost = company(own=own, without=(gone,), **rows)
    target = tmp_path / "taken.duckdb"
    extract(Job(find_place(str(lost.file)), target))
    for source in (lost.source(), open_source(str(target))):
        missing = ask_source(source, "revenue", "2026").missing
        assert LOST[gone] in faults.sentence(missing, load_words("en"))
        assert "[of.'" in faults.sentence(missing, load_words("zh-CN"))
        assert ask_source(source, "win_rate", "2026").result.value == 1, "other tables work"
    assert [line for line in lost.problems() if line.startswith("not_mapped orders")]
    assert company(own=own + skip, without=(gone,), **rows).ask("revenue", "2026").result.value == 9
    forget(str(target))


def test_figures_that_look_into_a_lost_part_in_passing_say_so(company):
    """Who buys in the shop is not known to be a customer of the CRM any more: counts of customers are others."""
    buyers = [{"id": row["id"], "mail": row["mail"]} for row in ROWS["buyer"]]
    answer = company(own=OWN, without=("buyer.name",), **{**ROWS, "buyer": buyers}).ask("revenue", "2026-03")
    assert answer.result.value == 111
    (said,) = [sentence(one, load_words("en"), "UTC") for one in answer.remarks]
    assert said.startswith("Its part of “shop” cannot be made")
    assert said.endswith("What this figure would take from “customers” is left out.")


def also_orders(folder: Path) -> Path:
    """A SELECT that makes an order of each deal."""
    path = folder / "also_orders.sql"
    path.write_text(
        "SELECT text(id) AS order_id, text(account) AS customer_id, closed AS ordered_at, sum AS net, "
        "'confirmed' AS status FROM deal"
    )
    return path


def _without(gone: str) -> dict[str, list[dict[str, object]]]:
    """The rows of the table of which a column is gone."""
    table, _, column = gone.partition(".")
    return {table: [{name: row[name] for name in row if name != column} for row in ROWS[table]]} if column else {}
