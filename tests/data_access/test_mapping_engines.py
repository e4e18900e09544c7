"""The functions of a mapping give the same on every engine that mappings run on."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Connection, text

from data_access import engines
from data_access.errors import MappingError
from data_access.mappings.dialect import parse_cell, parse_select
from data_access.mappings.families import FAMILY_OF
from data_access.mappings.manifest import Manifest
from data_access.mappings.queries import Writer, written
from tests import servers
from tests.worlds import LENDERS, SPARK, forget

SETTINGS = {"base_currency": "EUR", "timezone": "Europe/Berlin"}
MANIFEST = Manifest("m", "m", "", Path(), settings=SETTINGS, value_maps={"m": {"a": "b", "*": "c"}})
ENGINES = ("duckdb", "sqlite", "postgresql", "mariadb", "clickhouse")


@pytest.fixture(scope="module", params=[*(pytest.param(name, marks=pytest.mark.engines) for name in ENGINES), SPARK])
def connection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A session as the app has it, on each engine."""
    name = request.param
    if name in ("duckdb", "sqlite"):
        path = tmp_path_factory.mktemp("functions") / f"empty.{name}"
        _make_empty(name, path)
        url = f"{name}:///{path}"
    else:
        server = LENDERS[name]() if name in LENDERS else servers.server(name)
        if isinstance(server, str):
            pytest.skip(server)
        url = server.lend({"orders": []}, ()) if name in LENDERS else server.lend((), ())
    engine = engines.create(engines.locate(url))
    with engine.connect() as opened:
        yield opened
    engine.dispose()
    forget(url)


def _make_empty(name: str, path: Path) -> None:
    maker: Any = duckdb if name == "duckdb" else sqlite3
    with maker.connect(str(path)) as made:
        made.execute("CREATE TABLE empty_one (x INTEGER)")


def value(connection: Connection, cell: str) -> Any:
    """What a cell of a mapping gives on this engine."""
    family = FAMILY_OF[connection.dialect.name]
    sql = Writer(MANIFEST, family).sql(parse_cell(cell, "test"))
    return connection.execute(text(f"SELECT {sql}".replace(":", r"\:"))).scalar()


def plain(found: Any) -> Any:
    """Values as they are meant: SQLite has neither moments, days nor exact decimals."""
    if isinstance(found, Decimal | float):
        return round(float(found), 6)
    if isinstance(found, bytes):
        return found.decode()
    if isinstance(found, str) and len(found) == 26 and found[10] == " ":
        return datetime.fromisoformat(found)
    if isinstance(found, str) and len(found) == 10 and found[4] == found[7] == "-":
        return date.fromisoformat(found)
    return found


HASH = hashlib.sha256(b"ann@example.com").hexdigest()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("text(5)", "5"),
        ("text(NULL)", None),
        ("key(' 17850.0 ')", "17850"),
        ("key('A.0')", "A.0"),
        ("key('  ')", None),
        ("key(17)", "17"),
        ("money('12.50')", 12.5),
        ("money(12.5)", 12.5),
        ("money('twelve')", None),
        ("number(' -1.5e3 ')", -1500.0),
        ("number('-')", None),
        ("whole('3.0')", 3),
        ("whole('3.5')", None),
        ("whole('x')", None),
        ("bool('Yes')", True),
        ("bool('off')", False),
        ("bool('maybe')", None),
        ("bool(1)", True),
        ("bool(0)", False),
        ("to_utc(cast('2026-07-01 12:00:00' as timestamp), 'Asia/Shanghai')", datetime(2026, 7, 1, 4)),
        ("to_utc(cast('2026-07-01 12:00:00' as timestamp), setting('timezone'))", datetime(2026, 7, 1, 10)),
        ("to_utc(cast('2026-01-01 12:00:00' as timestamp), setting('timezone'))", datetime(2026, 1, 1, 11)),
        # 02:30 comes twice on this night: the second; and never on that one: an hour later
        ("to_utc(cast('2026-10-25 02:30:00' as timestamp), 'Europe/Berlin')", datetime(2026, 10, 25, 1, 30)),
        ("to_utc(cast('2026-03-29 02:30:00' as timestamp), 'Europe/Berlin')", datetime(2026, 3, 29, 1, 30)),
        ("to_utc(cast('2026-03-29 03:00:00' as timestamp), 'Europe/Berlin')", datetime(2026, 3, 29, 1)),
        ("to_utc(cast('2026-03-29 01:59:59' as timestamp), 'Europe/Berlin')", datetime(2026, 3, 29, 0, 59, 59)),
        ("month(cast('2026-02-28 23:59:59' as timestamp))", date(2026, 2, 1)),
        ("day(cast('2026-02-28 23:59:59' as timestamp))", date(2026, 2, 28)),
        ("days_between(cast('2026-02-27 23:00:00' as timestamp), cast('2026-02-28 01:00:00' as timestamp))", 1),
        ("days_between(cast('2026-02-28 01:00:00' as timestamp), cast('2026-02-27 23:00:00' as timestamp))", -1),
        ("add_days(cast('2026-02-28 10:00:00' as timestamp), 1)", datetime(2026, 3, 1, 10)),
        ("add_days(cast('2026-03-01 10:00:00' as timestamp), -1)", datetime(2026, 2, 28, 10)),
        ("epoch(cast('2026-01-01 00:00:01' as timestamp))", 1767225601.0),
        ("from_epoch(1767225601)", datetime(2026, 1, 1, 0, 0, 1)),
        ("""json_text('{"a": {"b": "x"}}', '$.a.b')""", "x"),
        ("""json_text('{"a": 5}', '$.a')""", "5"),
        ("""json_text('{"a": null}', '$.a')""", None),
        ("""json_text('{"a": 5}', '$.z')""", None),
        ("""json_text('["x", ["stage", "old", "新"]]', '$[1][2]')""", "新"),
        ("""i18n('{"en_US": "Won", "fr_FR": "Gagné"}')""", "Won"),
        ("""i18n('{"en_US": "Won", "fr_FR": "Gagné"}', 'fr_FR')""", "Gagné"),
        ("""i18n('{"de_DE": "Gewonnen"}')""", "Gewonnen"),
        ("""i18n('Won')""", "Won"),
        ("concat('a', NULL, 'b')", "ab"),
        ("'a' || 'b'", "ab"),
        ("sha256('ann@example.com')", HASH),
        ("email_key(' Ann@Example.com ')", HASH),
        ("email_key('  ')", None),
        ("mapped('A ', 'm')", "b"),
        ("mapped('z', 'm')", "c"),
        ("7 / 2", 3.5),
        ("coalesce(NULL, 'x')", "x"),
        ("CASE WHEN 'a' = 'b' THEN 1 ELSE 2 END", 2),
        ("substring('abc', 2, 1)", "b"),
        ("'it''s 100% \\ 12:30 :x'", "it's 100% \\ 12:30 :x"),
    ],
)
def test_a_function_means_the_same_everywhere(connection: Connection, cell: str, expected: Any) -> None:
    if connection.dialect.name == "postgresql":  # its columns have types; a bare text in a statement has none there
        cell = re.sub(
            r"i18n\('([^']*)'", lambda m: f"i18n(cast('{m[1]}' as {'jsonb' if '{' in m[1] else 'text'})", cell
        )
    found = plain(value(connection, cell))
    assert found == expected or (isinstance(expected, float) and found == pytest.approx(expected))


def test_the_elements_of_a_list_are_rows(connection: Connection) -> None:
    query = """SELECT h.k AS product_id, json_text(item.value, '$[0]') AS name, text(item.position) AS sku
        FROM (SELECT 1 AS k, '["Deal", ["stage", 1, 2], ["sum", 5, null]]' AS body
              UNION ALL SELECT 2 AS k, '{"a": 1}' AS body UNION ALL SELECT 3 AS k, '[]' AS body) AS h
        CROSS JOIN json_rows(h.body) AS item WHERE item.position > 1"""
    family = FAMILY_OF[connection.dialect.name]
    if family == "clickhouse":  # has no lateral joins
        with pytest.raises(MappingError, match=r"json_rows.*clickhouse"):
            written(parse_select(query, "x.sql"), {}, Writer(MANIFEST, family), family)
        return
    sql = written(parse_select(query, "x.sql"), {}, Writer(MANIFEST, family), family)
    rows = connection.execute(text(sql.replace(":", r"\:"))).all()
    assert sorted((row[1], row[2]) for row in rows) == [("stage", "2"), ("sum", "3")]
