"""What an extract takes: for each canonical table the SELECT that a live question would put in its WITH.

The SELECT runs on the source's own engine, so that a table in the file holds what a live question sees. A plan's
fingerprint changes with the mapping, with what the company says otherwise and with the source's own tables; a file of
another plan is never gone on with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import URL, Column, Connection, select
from sqlglot import exp

from data_access.errors import SourceError
from data_access.facts import settings_in
from data_access.loading.cells import type_sql
from data_access.mapped import Mapped, family_of, manifests_of, read_mapped
from data_access.mappings.completions import JOINS, completed_by_all
from data_access.mappings.families import FAMILIES
from data_access.mappings.live import Canonical, kind_of
from data_access.mappings.manifest import MANIFEST, Manifest
from data_access.place import Place
from data_access.rights import look
from data_access.schema import SETTINGS, TABLES
from data_access.settings import Settings

NOT_SAID = "the mapping does not say `incremental = true`"
OVER = " OVER ("
TAKEN_FROM = ("duckdb", "mariadb", "mysql", "postgresql", "sqlite")  # engines with a module in sources/
FORMAT = 1  # of the files that are written; a change of it makes every file anew


@dataclass(frozen=True)
class Cell:
    """A column that is taken: its kind as the mappings' families name it, and DuckDB's type for it."""

    name: str
    kind: str
    type: str


@dataclass(frozen=True)
class Look:
    """Columns of another canonical table that cells are made of: of the row whose `key` is in `by`, or of any."""

    table: str
    key: str
    by: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Planned:
    """A canonical table to take: its cells, its key, what stands before `SELECT` and after `FROM`.

    `whole` says why it is always taken whole; empty: its changes can be told by key and `updated_at`.
    """

    name: str
    cells: tuple[Cell, ...]
    key: tuple[str, ...]
    before: str
    relation: str
    looks: tuple[Look, ...] = ()
    whole: str = NOT_SAID


@dataclass(frozen=True)
class Plan:
    """Everything that is taken from one place, tables that others look into first."""

    place: Place
    family: str
    tables: tuple[Planned, ...]
    settings: Settings
    lacking: Mapping[str, str]
    mapping: str = ""
    mapping_hash: str = ""

    @property
    def fingerprint(self) -> str:
        """What tells this plan from others."""
        tables = [(one.name, one.cells, one.before, one.relation, one.whole) for one in self.tables]
        return _hash(repr((FORMAT, place_hash(self.place), replace(self.settings, data_as_of=None), tables)))


def place_hash(place: Place) -> str:
    """What tells a place from others, whatever its password is."""
    return _hash(repr((place.url.set(password=None).render_as_string(), place.mapping, sorted(map(repr, place.own)))))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_unextractable(url: URL) -> None:
    """Raises SourceError for an engine that no extract can be taken from."""
    dialect = url.get_backend_name()
    if dialect not in TAKEN_FROM:
        raise SourceError(
            f"No extract can be taken from `{dialect}` yet, only from {', '.join(TAKEN_FROM)}; "
            "leave `extract` and `--into` out, and it is read live.",
            key="source_unreadable",
            path=dialect,
        )


def make_plan(connection: Connection, place: Place, name: str) -> Plan:
    """What can be taken from a place. Raises SourceError, MappingError."""
    family = family_of(place.url)
    if not place.is_mapped:
        return _plain(connection, place, family, name)
    mapped = read_mapped(connection, place)
    manifest = mapped.manifest
    is_one = len(place.mappings) == 1
    tables = tuple(_planned(one, mapped, family, is_one) for one in _in_order(mapped))
    return Plan(
        place,
        family,
        tables,
        settings_in(manifest.settings, name),
        mapped.lacking,
        place.mapping if not is_one else manifest.id,
        _hash("".join(_content(one) for one in manifests_of(place))),
    )


def _content(manifest: Manifest) -> str:
    """The mapping's own files, and what it says when all is merged."""
    folder = manifest.folder
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.sql")) if path.is_file()]
    toml = folder / MANIFEST
    return repr((toml.read_text(encoding="utf-8") if toml.is_file() else "", texts, manifest.settings, manifest.tables))


def _in_order(mapped: Mapped) -> list[Canonical]:
    """The tables, those that others look into first."""
    ordered: dict[str, Canonical] = {}

    def add(names: Iterable[str]) -> None:
        for name in names:
            if name not in ordered:
                add(mapped.tables[name].needs)
                ordered[name] = mapped.tables[name]

    add(mapped.tables)
    return [table for table in ordered.values() if table.name in TABLES]


def _planned(table: Canonical, mapped: Mapped, family: str, is_one: bool) -> Planned:
    needs: dict[str, None] = {}
    _collect(table, mapped, needs)
    parts = [f"{_name(name, family)} AS ({mapped.tables[name].sql})" for name in needs]
    said = mapped.manifest.tables.get(table.name)
    return Planned(
        table.name,
        _cells(table.name, table.columns, family),
        _key(table.name),
        f"WITH {', '.join(parts)} " if parts else "",
        f"({table.sql}) AS t",
        tuple(_looks(table, mapped)),
        _why_whole(table, is_one) if said and said.incremental else NOT_SAID,
    )


def _why_whole(table: Canonical, is_one: bool) -> str:
    """Why the changes of a table cannot be told, although the mapping says that they can."""
    if not is_one:
        return "several mappings make it together"
    lacking = sorted({*_key(table.name), "updated_at"} - table.columns)
    if lacking or not _key(table.name):
        return f"it has no `{lacking[0] if lacking else 'key'}`"
    return "a window function makes a row depend on others" if OVER in table.sql else ""


def _collect(table: Canonical, mapped: Mapped, needs: dict[str, None]) -> None:
    for need in table.needs:
        _collect(mapped.tables[need], mapped, needs)
        needs.setdefault(need)


def _looks(table: Canonical, mapped: Mapped) -> Iterator[Look]:
    """What the cells that the mapping leaves out are made of."""
    for alias, join in JOINS.items():
        ways = [way for ways in completed_by_all(table.name).values() for way in ways]
        columns = {name for way in ways for name in re.findall(rf"\b{alias}\.(\w+)", way)}
        held = columns & mapped.tables[join.table].columns if join.table in table.needs else frozenset()
        if held:
            yield Look(join.table, join.key, join.by, tuple(sorted(held)))
    if "fx_rates" in table.needs:
        yield Look("fx_rates", "", "", ("currency", "rate_to_base", "valid_from"))


def _cells(table: str, columns: Iterable[str], family: str) -> tuple[Cell, ...]:
    """The columns in the schema's order, then the company's own."""
    held, known = set(columns), TABLES[table].columns
    canonical = [_cell(column, family) for column in known if column.name in held]
    return (*canonical, *(Cell(name, "text", "VARCHAR") for name in sorted(held - set(known.keys()))))


def _cell(column: Column[Any], family: str) -> Cell:
    """SQLite has no decimals: what is a float there stays one, so that no figure is another one by its rounding."""
    kind = kind_of(column)[0]
    return Cell(column.name, kind, "DOUBLE" if (family, kind) == ("sqlite", "decimal") else type_sql(column))


def _key(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES[table].primary_key.columns)


def _name(name: str, family: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=family)


# -- a database whose tables are the canonical ones -----------------------------------------------------------------
def _plain(connection: Connection, place: Place, family: str, name: str) -> Plan:
    seen = look(connection, place.url, TABLES)
    hindered = seen.bars("settings") if "settings" in seen.denied else None
    if hindered is not None:
        raise hindered
    held: Mapping[str, Sequence[str]] = seen.tables
    lacking = {table: str(seen.bars(table)) for table in TABLES if table in seen.denied and table not in held}
    tables = tuple(_as_it_is(table, held[table], family) for table in TABLES if table in held and table != "settings")
    if not tables:
        raise SourceError(
            f"{name} has none of the canonical tables; name the mapping that makes them with `--mapping`.",
            key="source_unreadable",
            path=name,
        )
    columns = {table: frozenset(names) for table, names in held.items()}
    return Plan(place, family, tables, settings_in(_settings_row(connection, columns), name), lacking)


def _settings_row(connection: Connection, columns: Mapping[str, frozenset[str]]) -> Mapping[str, object]:

    wanted = [column for column in SETTINGS.columns if column.name in columns.get("settings", frozenset())]
    row = connection.execute(select(*wanted).limit(1)).mappings().first() if wanted else None
    return dict(row or {})


def _as_it_is(table: str, names: Sequence[str], family: str) -> Planned:
    kept = [name for name in names if name in TABLES[table].columns or name.startswith("x_")]
    cells = ", ".join(f"{_typed(table, name, family)} AS {_name(name, family)}" for name in kept)
    relation = f"(SELECT {cells} FROM {_name(table, family)}) AS t"
    return Planned(table, _cells(table, kept, family), _key(table), "", relation)


def _typed(table: str, name: str, family: str) -> str:
    column = TABLES[table].columns.get(name)
    kind, digits = kind_of(column) if column is not None else ("text", {})
    return FAMILIES[family].typed[kind].format(_name(name, family), **digits)


__all__ = ["Cell", "Plan", "Planned", "make_plan", "place_hash"]
