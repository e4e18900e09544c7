"""The harness of the mapping tests: a schema in a few lines becomes tables on every engine, and goes again."""

import pytest

from tests.mappings.native import reading

SCHEMA = """
tabPlain Order: name text, from text, total decimal, at moment, on_day day, is_test flag, more json
tabBuyer: id whole, name text
"""
OWN = """
[settings]
base_currency = "EUR"
timezone = "Europe/Berlin"
"""
MAPPING = """
id = "plain"
[reads.orders]
table = "tabPlain Order"
[reads.buyers]
table = "tabBuyer"
[tables.customers]
from = "buyers"
columns = { customer_id = "text(id)", name = "name", first_seen_at = "cast('2020-01-01 00:00:00' AS timestamp)" }
[tables.orders]
from = "orders"
columns = { order_id = "name", customer_id = 'ident("from")', net = "total", ordered_at = "at", is_test = "is_test", channel = "json_text(more, '$.how')" }
"""
crm = reading("./plain", SCHEMA, "duckdb", "sqlite", "postgresql", "mariadb")


@pytest.fixture
def plain(crm, tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    orders = [
        {"name": "A-1", "from": "1", "total": 10.5, "at": "2026-03-01 10:00", "is_test": False, "more": {"how": "web"}},
        {"name": "A-2", "from": "1", "total": 7, "at": "2026-03-31 23:30", "is_test": True},
    ]
    return crm(own=OWN, **{"tabPlain Order": orders, "tabBuyer": [{"name": "Ann"}]})


def test_rows_of_a_schema_are_read_through_the_mapping(plain):
    assert plain.by_key("orders", "net", "is_test", "channel") == {
        "A-1": (10.5, False, "web"),
        "A-2": (7.0, True, None),
    }
    assert plain.by_key("customers", "name") == {"1": "Ann"}
    assert plain.ask("revenue", "2026-03").result.value == 10.5
    assert plain.problems() == []


def test_a_table_that_this_installation_lacks_is_said(crm, tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    company = crm(own=OWN, without=("tabBuyer",))
    assert list(company.mapped.lacking) == ["customers"]
