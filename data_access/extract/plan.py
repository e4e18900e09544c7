"""What an extract takes: for each canonical table the SELECT that a live question would put in its WITH.

The SELECT runs on the source's own engine, so that a table in the file holds what a live question sees. Where mappings
lie in different databases, each one's tables are taken as they are, and put together in the file by the SELECTs that
put several mappings of one database together (mappings/composed.py). A plan's
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

from data_access import failures
from data_access.account import proven
from data_access.errors import SourceError
from data_access.extract.record import Without
from data_access.facts import settings_in
from data_access.loading.cells import type_sql
from data_access.mapped import Mapped, Part, family_of, manifests_of, read_mapped, read_parts
from data_access.mappings.completions import JOINS, completed_by_all
from data_access.mappings.composed import composed, part_name
from data_access.mappings.families import FAMILIES
from data_access.mappings.live import Canonical, LiveView, kind_of
from data_access.mappings.manifest import MANIFEST, Manifest
from data_access.place import Place
from data_access.rights import look
from data_access.schema import SETTINGS, TABLES
from data_access.settings import Settings

APART = "rows of several databases are put together"
NOT_SAID = "the mapping does not say `incremental = true`"
OVER = " OVER ("
TAKEN_FROM = ("duckdb", "mariadb", "mysql", "postgresql", "sqlite")  # engines with a module in sources/
IN_FILE = "duckdb"  # the family of SQL in which tables are put together
FORMAT = 2  # of the files that are written; a change of it makes every file anew


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
class Drawn:
    """What is taken from one database, in one snapshot: tables that others look into first.

    `names` are the mappings' where several databases are put together.
    """

    place: Place
    family: str
    tables: tuple[Planned, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Joined:
    """A canonical table that is put together in the file, from the tables that were drawn; `sql` gives its rows."""

    name: str
    cells: tuple[Cell, ...]
    sql: str


@dataclass(frozen=True)
class Plan:
    """Everything that is taken from a place; `people` and `joined` are made in the file where databases are several."""

    place: Place
    drawn: tuple[Drawn, ...]
    settings: Settings
    without: Without
    mapping: str = ""
    mapping_hash: str = ""
    people: tuple[Canonical, ...] = ()
    joined: tuple[Joined, ...] = ()

    @property
    def tables(self) -> tuple[Planned, ...]:
        """The tables that are drawn."""
        return tuple(table for one in self.drawn for table in one.tables)

    @property
    def columns(self) -> dict[str, frozenset[str]]:
        """The columns of each canonical table that the file will have."""
        made: Sequence[Planned | Joined] = self.joined or self.tables
        return {table.name: frozenset(cell.name for cell in table.cells) for table in made}

    @property
    def fingerprint(self) -> str:
        """What tells this plan from others."""
        tables = [(one.name, one.cells, one.before, one.relation, one.whole) for one in self.tables]
        made = [(one.name, one.cells, one.sql) for one in self.joined]
        return _hash(repr((FORMAT, place_hash(self.place), replace(self.settings, data_as_of=None), tables, made)))


def place_hash(place: Place) -> str:
    """What tells a place from others, whatever its passwords are."""
    urls = [url.set(password=None).render_as_string() for url in (place.url, *(url for _, url, _ in place.elsewhere))]
    return _hash(repr((*urls, place.mapping, sorted(map(repr, place.own)))))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_unextractable(place: Place) -> None:
    """Raises SourceError for an engine that no extract can be taken from."""
    for part in place.parts:
        dialect = part.url.get_backend_name()
        if dialect not in TAKEN_FROM:
            live = "leave `extract` and `--into` out, and it is read live."
            apart = f"`{part.mapping}` cannot be put together with systems in other databases."
            raise SourceError(
                f"No extract can be taken from `{dialect}` yet, only from {', '.join(TAKEN_FROM)}; "
                f"{apart if place.is_apart else live}",
                key="source_unreadable",
                path=dialect,
            )


def make_plan(place: Place) -> Plan:
    """What can be taken from a place, by accounts that cannot write. Raises SourceError, MappingError."""
    if place.is_apart:
        return _apart(place)
    with proven(place) as connection:
        return _of_one(connection, place, failures.where(place.url))


def _of_one(connection: Connection, place: Place, name: str) -> Plan:
    family = family_of(place.url)
    if not place.is_mapped:
        return _plain(connection, place, family, name)
    mapped = read_mapped(connection, place)
    manifest = mapped.manifest
    is_one = len(place.mappings) == 1
    tables = tuple(_planned(one, mapped, family, is_one) for one in _in_order(mapped))
    return Plan(
        place,
        (Drawn(place, family, tables),),
        settings_in(manifest.settings, name),
        Without(mapped.lacking, mapped.unseen),
        place.mapping if not is_one else manifest.id,
        _contents(place),
    )


def _contents(place: Place) -> str:
    return _hash("".join(_content(one) for one in manifests_of(place)))


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


# -- mappings in different databases --------------------------------------------------------------------------------
def _apart(place: Place) -> Plan:
    """Every mapping's tables, each from its own database, and how they are put together."""
    parts = read_parts(place, proven, is_apart=True)
    views = {part.manifest.id: _in_file(part) for part in parts}
    whole = composed(views, IN_FILE, place.mappings, by_domain=place.is_by_domain)
    has_floats = any(family_of(part.place.url) == "sqlite" for part in parts)
    joined = [
        Joined(name, _cells(name, whole.tables[name].columns, "sqlite" if has_floats else IN_FILE), table.sql)
        for name, table in whole.tables.items()
        if name in TABLES
    ]
    return Plan(
        place,
        tuple(_drawn(url, [part for part in parts if part.place.url == url]) for url in _urls(parts)),
        settings_in(parts[0].manifest.settings, failures.where(parts[0].place.url)),
        Without(whole.lacking, whole.unseen),
        place.mapping,
        _contents(place),
        tuple(table for table in whole.tables.values() if table.sql and table.name not in TABLES),
        tuple(joined),
    )


def _urls(parts: Sequence[Part]) -> list[URL]:
    return list(dict.fromkeys(part.place.url for part in parts))


def _in_file(part: Part) -> LiveView:
    """What a mapping gives, as it will lie in the file."""
    behind = part_name(part.manifest.id)
    held = {name: Canonical(name + behind, "", table.columns, (), name) for name, table in part.view.tables.items()}
    return replace(part.view, tables=held)


def _drawn(url: URL, parts: Sequence[Part]) -> Drawn:
    """What is taken from one database for one or several mappings."""
    family = family_of(url)
    tables = []
    for part in parts:
        mapped = Mapped(part.manifest, part.view.tables)
        for table in _in_order(mapped):
            planned = _planned(table, mapped, family, is_one=True)
            tables.append(replace(planned, name=table.name + part_name(part.manifest.id), whole=APART))
    return Drawn(parts[0].place, family, tuple(tables), tuple(part.manifest.id for part in parts))


# -- a database whose tables are the canonical ones -----------------------------------------------------------------
def _plain(connection: Connection, place: Place, family: str, name: str) -> Plan:
    seen = look(connection, place.url, TABLES)
    hindered = seen.bars("settings") if "settings" in seen.denied else None
    if hindered is not None:
        raise hindered
    held: Mapping[str, Sequence[str]] = seen.tables
    lacking = {one: bar for one in TABLES if one in seen.denied and one not in held and (bar := seen.bars(one))}
    tables = tuple(_as_it_is(table, held[table], family) for table in TABLES if table in held and table != "settings")
    if not tables:
        raise SourceError(
            f"{name} has none of the canonical tables; name the mapping that makes them with `--mapping`.",
            key="source_unreadable",
            path=name,
        )
    columns = {table: frozenset(names) for table, names in held.items()}
    settings = settings_in(_settings_row(connection, columns), name)
    return Plan(place, (Drawn(place, family, tables),), settings, Without(lacking))


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
