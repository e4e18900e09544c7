"""A mapping's reads over a live database: columns of the kind that it names, and SELECTs that several tables share."""

import pytest

from tests.mappings.native import reading

SCHEMA = """
orders: id text, buyer text, total text, at text, is_test text
"""
MAPPING = """
id = "typed"
[settings]
base_currency = "EUR"
timezone = "UTC"
[reads.orders.optional_columns]
total = "decimal"
at = "moment"
channel = "text"
[reads.totals]
sql = "totals.sql"
[tables.customers]
from = "totals"
columns = { customer_id = "buyer", first_seen_at = "first_at" }
[tables.orders]
from = "orders"
columns = { order_id = "id", customer_id = "buyer", net = "coalesce(total, 0)", ordered_at = "at", channel = "channel" }
"""
TOTALS = "SELECT o.buyer AS buyer, MIN(o.at) AS first_at, SUM(o.total) AS total FROM orders AS o GROUP BY o.buyer"
crm = reading("./typed", SCHEMA, "duckdb", "sqlite", "postgresql", "mariadb")


@pytest.fixture
def make(crm, tmp_path):
    def made(totals=TOTALS, **rows):
        (tmp_path / "typed").mkdir(exist_ok=True)
        (tmp_path / "typed" / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        (tmp_path / "typed" / "totals.sql").write_text(totals, encoding="utf-8")
        return crm(**rows)

    return made


ROWS = [
    {"id": "a", "buyer": "ann", "total": "10.5", "at": "2026-03-01 10:00:00"},
    {"id": "b", "buyer": "ann", "at": "2026-03-02 10:00:00"},
]


def test_a_column_is_read_as_the_kind_that_the_mapping_names_whatever_its_type(make):
    company = make(orders=ROWS)
    assert company.by_key("orders", "net", "channel") == {"a": (10.5, None), "b": (0, None)}
    assert company.problems() == []


def test_a_select_that_tables_share_stands_once(make):
    company = make(orders=ROWS)
    assert {key: str(at) for key, at in company.by_key("customers", "first_seen_at").items()} == {
        "ann": "2026-03-01 10:00:00"
    }


def test_a_select_that_reads_what_is_not_there_leaves_out_its_tables_alone(make):
    company = make(totals="SELECT o.buyer AS buyer, MIN(o.moment) AS first_at FROM orders AS o GROUP BY o.buyer")
    assert list(company.mapped.tables) == ["orders"]
    assert "`moment`" in str(company.mapped.lacking["customers"])
