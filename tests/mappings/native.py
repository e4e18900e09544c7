"""Invented rows in a CRM's own schema, on every engine that the CRM lives on, read through its mapping.

    SCHEMA = '''
    crm_lead: id whole, name text, active flag, expected_revenue decimal, create_date moment, date_deadline day
    tabCRM Deal: name text, from text
    '''
    crm = reading("odoo16", SCHEMA, "sqlite", "postgresql")          # a fixture

    def test_a_lost_deal(crm):
        company = crm(crm_lead=[{"id": 1, "active": False, ...}])    # columns not named are null
        assert company.by_key("opportunities", "outcome") == {"1": "lost"}
        assert company.ask("win_rate", "2026").result.value == 0
        assert company.problems() == []

A line of a schema is a table, then its columns with their kinds: whole, text, decimal, float, flag, moment, day, json
(a dict or list, or text that is JSON; jsonb on PostgreSQL), bytes, digits (bytes in SQLite, numbers elsewhere), and on
PostgreSQL uuid, instant (a moment with its offset) and choice (an enumerated type, of the words in CHOICES). The first
column of a table is given 1, 2, ... where a row leaves it out and it is `whole`.
`crm(..., own='''...''', without=("sale_order", "crm_lead.tag"))`: what the company's clientele.toml says besides, and
tables and columns that this installation does not have.

Engines: duckdb, sqlite, postgresql, mariadb. Moments and days are written as ISO text.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Enum,
    Float,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    column,
    create_engine,
    select,
)
from sqlalchemy.dialects.mysql import DATETIME, DOUBLE, LONGTEXT
from sqlalchemy.dialects.postgresql import JSONB

from data_access import engines
from data_access.doctor import examine
from data_access.mapped import Mapped, read_mapped
from data_access.place import find_place
from data_access.schema import TABLES
from data_access.source import Source, open_source
from metrics.answers import Answer
from tests import servers
from tests.worlds import FILES, as_moment, ask_source, forget

Rows = Sequence[Mapping[str, Any]]


class JsonText(TypeDecorator[Any]):
    """JSON as the CRMs of an engine keep it: jsonb on PostgreSQL, text elsewhere."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        kind = JSONB() if dialect.name == "postgresql" else LONGTEXT() if "m" in dialect.name[:1] else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return json.loads(value) if isinstance(value, str) else value
        return json.dumps(value) if isinstance(value, dict | list) else value


class Digits(TypeDecorator[Any]):
    """Amounts as Tryton keeps them: numbers on a server, the bytes of their digits in SQLite."""

    impl = Numeric(26, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(LargeBinary() if dialect.name == "sqlite" else Numeric(26, 6))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return str(value).encode() if value is not None and dialect.name == "sqlite" else value


CHOICES = ("NEW", "MEETING", "PROPOSAL", "CUSTOMER", "LOST", "PARKED", "TODO", "DONE", "INCOMING", "OUTGOING")
KINDS: dict[str, Callable[[], Any]] = {
    "whole": BigInteger,
    "text": lambda: Text().with_variant(LONGTEXT(), "mysql", "mariadb"),
    "decimal": lambda: Numeric(26, 6),
    "float": lambda: Float(53).with_variant(DOUBLE(), "mysql", "mariadb"),
    "flag": Boolean,
    "moment": lambda: DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb"),
    "day": Date,
    "bytes": LargeBinary,
    "json": lambda: JsonText(),
    "digits": lambda: Digits(),
    "uuid": lambda: Uuid(as_uuid=False),
    "instant": lambda: DateTime(timezone=True),
    "choice": lambda: Enum(*CHOICES, name="choice"),
}
NUMBERS = itertools.count(1)


def reading(mapping: str | list[str], schema: str, *names: str) -> Any:
    """A fixture that gives `crm(**rows) -> Native`, on each of these engines in turn."""

    @pytest.fixture(params=[pytest.param(name, id=name, marks=pytest.mark.engines) for name in names])
    def crm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Native]]:
        opened: list[Native] = []

        def make(own: str = "", without: Sequence[str] = (), **rows: Rows) -> Native:
            url = empty_database(request.param, tmp_path)
            fill(url, tables_of(schema, without), rows)
            opened.append(Native(url, settings_file(tmp_path, servers.reading(url), mapping, own)))
            return opened[-1]

        make.engine = request.param  # type: ignore[attr-defined]
        yield make
        for native in opened:
            native.close()

    return crm


@dataclass(frozen=True)
class Native:
    """A CRM's database and the settings file that says how it is read."""

    url: str
    file: Path

    @cached_property
    def mapped(self) -> Mapped:
        """What the mapping makes of the database."""
        place = find_place(str(self.file))
        engine = engines.create(place.url)
        with engine.connect() as connection:
            found = read_mapped(connection, place)
        engine.dispose()
        return found

    def rows(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """The rows of a canonical table in the order of its key: these columns, or all that the mapping gives."""
        held = self.mapped.columns[table]
        names = columns or tuple(c.name for c in TABLES[table].columns if c.name in held)
        keys = [c for c in TABLES[table].primary_key.columns if c.name in held]
        known: list[Any] = [TABLES[table].c[name] if name in TABLES[table].c else column(name) for name in names]
        query = select(*known).order_by(*keys)
        engine = engines.create(find_place(str(self.file)).url)
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(self.mapped.over(query)).mappings()]
        engine.dispose()
        return found

    def by_key(self, table: str, *columns: str) -> dict[Any, Any]:
        """What one column (or several, as a tuple) holds, by the key of the row; a key of one column is bare."""
        keys = [c.name for c in TABLES[table].primary_key.columns]
        found = self.rows(table, *dict.fromkeys((*keys, *columns)))
        return {_bare([row[k] for k in keys]): _bare([row[c] for c in columns]) for row in found}

    def source(self, as_of: str | None = None) -> Source:
        """The door that metrics go through."""
        return open_source(str(self.file), as_of=as_moment(as_of))

    def ask(self, metric: str, when: str, **choices: Any) -> Answer:
        """A metric's answer (see tests/worlds.py)."""
        return ask_source(self.source(choices.pop("as_of", None)), metric, when, **choices)

    def problems(self, *but: str) -> list[str]:
        """What the doctor finds wrong, one line each; rules in `but` are left out."""
        found = examine(str(self.file)).problems
        return [f"{p.rule} {p.table}.{p.column}: {p.count}, {p.example} ({p.text})" for p in found if p.rule not in but]

    def close(self) -> None:
        """Close it and take it away."""
        forget(str(self.file))
        servers.take_away(self.url)


def _bare(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


def empty_database(name: str, folder: Path) -> str:
    """URL of a new database without any table."""
    if name in FILES:
        return FILES[name](folder)
    server = servers.server(name)
    if isinstance(server, str):
        pytest.skip(server)
    return server.bare()


def tables_of(schema: str, without: Sequence[str] = ()) -> MetaData:
    """The tables of a schema as it is written above."""
    metadata = MetaData()
    for line in schema.splitlines():
        name, _, columns = line.strip().partition(":")
        if name and name not in without:
            cells = [one.strip().rpartition(" ")[::2] for one in columns.split(",")]
            made = [Column(column, KINDS[kind]()) for column, kind in cells if f"{name}.{column}" not in without]
            Table(name, metadata, *made)
    return metadata


def fill(url: str, metadata: MetaData, rows: Mapping[str, Rows]) -> None:
    """Make the tables and write the rows."""
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        for name, given in rows.items():
            table = metadata.tables[name]
            written = [_written(table, row, number) for number, row in enumerate(given, start=1)]
            if written:
                connection.execute(table.insert(), written)
    engine.dispose()


def _written(table: Table, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    unknown = set(row) - set(table.c.keys())
    if unknown:
        raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    first = next(iter(table.c))
    numbered = {first.name: number} if isinstance(first.type, BigInteger) else {}
    return {column.name: _value(column, (numbered | dict(row)).get(column.name)) for column in table.c}


def _value(column: Column[Any], value: Any) -> Any:
    if isinstance(value, str) and isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value


def settings_file(folder: Path, url: str, mapping: str | list[str], own: str) -> Path:
    """A clientele.toml that names a database and its mapping."""
    path = folder / f"company{next(NUMBERS)}.toml"
    path.write_text(f"source = {json.dumps(url)}\nmapping = {json.dumps(mapping)}\n{own}\n", encoding="utf-8")
    return path
