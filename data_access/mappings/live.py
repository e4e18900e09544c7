"""A mapping over the tables of a live database: one SELECT per canonical table, with every column of its right type.

`view_of(manifest, holdings, family)` gives the texts. A table whose sources are not there, or have changed, is left out
with the reason; the others stand. Names of the source's own tables are written with their schema, so that a canonical
table of the same name is never taken for one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Numeric
from sqlglot import exp

from data_access.errors import ClienteleError, MappingError, SourceError
from data_access.mappings.completions import JOINS, RATED_ON, completed_by_all
from data_access.mappings.dialect import parse_cell
from data_access.mappings.families import FAMILIES
from data_access.mappings.functions import text_literal
from data_access.mappings.manifest import Manifest, Read, TableMapping
from data_access.mappings.queries import Relation, Writer, reads_used, render, render_read, unmapped_mark
from data_access.rights import PERMISSION
from data_access.schema import TABLES

Cells = dict[str, str]
FEW_WORDS = 50
NO_TABLE = "no_table"  # key of the fault that a table of the source is not there
LOOKED_INTO = tuple(join.table for join in JOINS.values())


def _bars_nothing(_table: str, _column: str = "") -> SourceError | None:
    return None


@dataclass(frozen=True)
class Holdings:
    """What a database has: its tables with their columns, and the schema in which they lie.

    `bars(table, column)` tells what keeps the account from reading what is not among them, if anything does.
    """

    tables: Mapping[str, tuple[str, ...]]
    schema: str = ""
    bars: Callable[..., SourceError | None] = _bars_nothing


class _BarredError(MappingError):
    """A table of the source that its account may not read, or is not shown."""

    def __init__(self, fault: SourceError) -> None:
        super().__init__(str(fault), key=fault.key, **fault.gaps)
        self.fault = fault


@dataclass(frozen=True)
class Canonical:
    """One canonical table as a SELECT over the source: its text, its columns, the names of what it reads from.

    `table` is the canonical table whose rows these are, where `name` says more: one of several sources' parts.
    """

    name: str
    sql: str
    columns: frozenset[str]
    needs: tuple[str, ...] = ()
    table: str = ""


@dataclass(frozen=True)
class LiveView:
    """The canonical tables that a mapping makes of a database, those that later ones read from first.

    `lacking` says why a table of the mapping is not among them, `barred` the same of those for which the account lacks
    a right. `unseen` are sources that a table goes without because the account is not shown them.
    """

    tables: Mapping[str, Canonical]
    lacking: Mapping[str, ClienteleError] = field(default_factory=dict)
    barred: Mapping[str, SourceError] = field(default_factory=dict)
    unseen: Mapping[str, tuple[SourceError, ...]] = field(default_factory=dict)


def source_tables(manifest: Manifest) -> dict[str, str]:
    """The source's tables that a mapping reads, by the names that it uses: as it says, or with the prefix."""
    selects = [read for read in manifest.reads.values() if read.sql]
    users: list[TableMapping | Read] = [*manifest.tables.values(), *selects]
    names = {name for one in users for name in reads_used(one)}
    names = (names | set(manifest.reads)) - {read.name for read in selects}
    return {name: _table_of(manifest, name) for name in sorted(names)}


def _table_of(manifest: Manifest, name: str) -> str:
    read = manifest.reads.get(name)
    return read.table if read and read.table else f"{manifest.prefix}{name}"


def view_of(manifest: Manifest, holdings: Holdings, family: str, part: str = "") -> LiveView:
    """Every canonical table that the mapping makes of what the database holds.

    Where it is one `part` of several, its tables have that behind their names.
    """
    relations, missing, empty = _relations(manifest, holdings, family)
    made: dict[str, Canonical] = {"fx_rates": _stated_rates(manifest, family)} if manifest.rates else {}
    lacking: dict[str, MappingError] = {}
    for table in sorted(manifest.tables.values(), key=_order):
        absent = [missing[name] for name in reads_used(table) if name in missing]
        try:
            if absent:
                raise absent[0]
            made[table.name] = _canonical(manifest, table, relations, family, made, part)
            _check_whole(made[table.name], lacking)
        except MappingError as fault:
            made.pop(table.name, None)
            lacking[table.name] = _barred_column(fault, manifest, table, holdings)
    barred = {name: why.fault for name, why in lacking.items() if isinstance(why, _BarredError)}
    unseen = {table.name: _unseen(manifest, table, empty) for table in manifest.tables.values() if table.name in made}
    history = barred.get("stage_history")
    if "stage_history" not in made and "opportunities" in made and (history is None or history.key != PERMISSION):
        made["stage_history"] = _present_stays(family, part)
        unseen["stage_history"] = (history,) if history else ()
    tables = {name: as_part(table, part) for name, table in made.items()}
    return LiveView(tables, lacking, barred, {name: faults for name, faults in unseen.items() if faults})


def _check_whole(table: Canonical, lacking: Mapping[str, MappingError]) -> None:
    """Raise where a column that every row needs would come from a table that the account may not read."""
    needed = [c.name for c in TABLES[table.name].columns if not c.nullable and "default" not in c.info]
    barred = [why for name in LOOKED_INTO if isinstance(why := lacking.get(name), _BarredError)]
    if barred and not set(needed) <= table.columns:
        raise barred[0]


def _barred_column(
    fault: MappingError, manifest: Manifest, user: TableMapping | Read, holdings: Holdings
) -> MappingError:
    """The fault, or where it is a column that is not there to be read for this account, what bars it."""
    column = fault.gaps.get("column")
    for name in _tables_beneath(manifest, user) if column else ():
        found = holdings.bars(_table_of(manifest, name), column)
        if found is not None and _is_there(_table_of(manifest, name), holdings):
            return _BarredError(found)
    return fault


def _is_there(table: str, holdings: Holdings) -> bool:
    return table.lower() in {name.lower() for name in holdings.tables}


def _tables_beneath(manifest: Manifest, user: TableMapping | Read) -> list[str]:
    """The reads of the source's own tables that a table, or a read that is a SELECT, is made of in the end."""
    found: dict[str, None] = {}
    for name in reads_used(user):
        read = manifest.reads.get(name)
        below = _tables_beneath(manifest, read) if read is not None and read.sql else [name]
        found |= dict.fromkeys(below)
    return list(found)


def _unseen(manifest: Manifest, user: TableMapping, empty: Mapping[str, SourceError]) -> tuple[SourceError, ...]:
    return tuple(empty[name] for name in _tables_beneath(manifest, user) if name in empty)


def as_part(table: Canonical, part: str) -> Canonical:
    """The table under the name that it has as a part of several."""
    needs = tuple(name + part for name in table.needs)
    return replace(table, name=table.name + part, needs=needs, table=table.name)


@dataclass(frozen=True)
class Unmapped:
    """Words of the source that a value map does not know, in a column that every row needs, or that is empty then.

    `sql` gives each word with its rows; `values` holds what it gave. `section` is where in the manifest to add them,
    `permitted` what they may become.
    """

    table: str
    column: str
    section: str
    permitted: tuple[str, ...]
    sql: str
    values: Mapping[str, int] = field(default_factory=dict)
    of: str = ""  # the mapping, where it is one of several


def unmapped_values(
    manifest: Manifest, holdings: Holdings, family: str, only: Container[str] | None = None, emptied: bool = False
) -> list[Unmapped]:
    """For every value map that could lack a word (of `only` these tables): the SELECT that counts what it lacks.

    Of columns that every row needs, or of those that are empty for it (`emptied`).
    """
    relations, missing, _ = _relations(manifest, holdings, family)
    found = []
    for table in manifest.tables.values():
        if table.name == "settings" or (only is not None and table.name not in only):
            continue
        if any(name in missing for name in reads_used(table)):
            continue
        try:
            rendered = render(manifest, table, relations, family, is_live=True, emptied=emptied)
        except MappingError:
            continue  # told as lacking
        for column, section in rendered.unmapped.items():
            mark = _name(unmapped_mark(column), family)
            sql = (
                f"SELECT w.{mark}, COUNT(*) FROM ({rendered.sql}) AS w WHERE w.{mark} IS NOT NULL GROUP BY w.{mark} "
                f"ORDER BY 2 DESC LIMIT {FEW_WORDS}"
            )
            permitted = TABLES[table.name].columns[column].info.get("values", ())
            found.append(Unmapped(table.name, column, section, tuple(permitted), sql))
    return found


def _order(table: TableMapping) -> int:
    """Tables that others look into come first."""
    first = ("fx_rates", "pipelines_stages", "surveys", "orders", "opportunities")
    return first.index(table.name) if table.name in first else len(first)


def _relations(
    manifest: Manifest, holdings: Holdings, family: str
) -> tuple[dict[str, Relation], dict[str, MappingError], dict[str, SourceError]]:
    """What holds each read; for each read that nothing holds, why; and why some pass for empty."""
    relations: dict[str, Relation] = {}
    missing: dict[str, MappingError] = {}
    empty: dict[str, SourceError] = {}
    for name, wanted in source_tables(manifest).items():
        read, barred = manifest.reads.get(name), holdings.bars(wanted)
        there = next((one for one in holdings.tables if one.lower() == wanted.lower()), None)
        try:
            if there is not None:
                relations[name] = _relation(read, name, there, holdings, family)
            elif barred is not None and (barred.key == PERMISSION or read is None or not read.empty_when_missing):
                raise _BarredError(barred)
            elif read is not None and read.empty_when_missing:
                relations[name] = _no_rows(read, family)
                empty |= {name: barred} if barred else {}
            else:
                raise MappingError(f"the database has no table `{wanted}`", key=NO_TABLE, table=wanted)
        except MappingError as fault:
            missing[name] = fault
    for read in manifest.reads.values():
        if read.sql:
            _add_select(manifest, read, relations, missing, holdings, family)
    return relations, missing, empty


def _add_select(
    manifest: Manifest,
    read: Read,
    relations: dict[str, Relation],
    missing: dict[str, MappingError],
    holdings: Holdings,
    family: str,
) -> None:
    """A read that is a SELECT over those above it."""
    absent = [missing[name] for name in reads_used(read) if name in missing]
    try:
        if absent:
            missing[read.name] = absent[0]
        else:
            relations[read.name] = render_read(manifest, read, relations, family)
    except MappingError as fault:
        missing[read.name] = _barred_column(fault, manifest, read, holdings)


def _relation(read: Read | None, name: str, there: str, holdings: Holdings, family: str) -> Relation:
    """The table itself, or what gives its columns the names and the completeness that the mapping expects."""
    columns = holdings.tables[there]
    place = exp.table_(there, db=holdings.schema or None, quoted=True).sql(dialect=family)
    if read is None:
        return Relation(place, columns)
    own = _own_columns(read, there, columns, holdings, family)
    if not own:
        return Relation(place, columns)
    taken = {name.lower() for name in own}
    others = [name for name in columns if name.lower() not in taken]
    cells = {**{name: f"t.{_name(name, family)}" for name in others}, **own}
    return Relation(place, tuple(cells), cells)


def _own_columns(read: Read, there: str, columns: Sequence[str], holdings: Holdings, family: str) -> Cells:
    """Columns under the mapping's own names and of the kind that it says, empty ones for those that are missing."""
    folded = {one.lower(): one for one in columns}
    own: Cells = {}
    for name, others in _names(read).items():
        found = next((folded[one.lower()] for one in (name, *others) if one.lower() in folded), "")
        value = f"t.{_name(found, family)}" if found else "NULL"
        barred = None if found else _first(holdings.bars(there, one) for one in (name, *others))
        if barred is not None:
            raise _BarredError(barred)
        if name in read.optional_columns:
            own[name] = f"{_typed(read.optional_columns[name], value, family)} AS {_name(name, family)}"
        elif not found:
            also = f" (or {', '.join(others)})" if others else ""
            fault = f"`{there}` has no column `{name}`{also}"
            raise MappingError(fault, key="no_column", table=there, name=f"{name}{also}")
        elif found != name:  # also where only capitals differ: SELECTs name it in small letters
            own[name] = f"{value} AS {_name(name, family)}"
    return own


def _first(faults: Iterable[SourceError | None]) -> SourceError | None:
    return next((one for one in faults if one is not None), None)


def _names(read: Read) -> dict[str, tuple[str, ...]]:
    """The columns that a mapping expects, with their other names."""
    return {**dict.fromkeys(read.optional_columns, ()), **read.columns}


def _no_rows(read: Read, family: str) -> Relation:
    """A table without rows, for a module that is not installed."""
    kinds = {name: read.optional_columns.get(name, "text") for name in _names(read)} | dict(read.columns_when_missing)
    cells = [f"{_typed(kind, 'NULL', family)} AS {_name(name, family)}" for name, kind in kinds.items()]
    return Relation(f"(SELECT {', '.join(cells)} WHERE 1 = 0)", tuple(kinds))


def _typed(kind: str, value: str, family: str) -> str:
    return FAMILIES[family].typed[kind].format(value, precision=24, scale=6)


def _name(name: str, family: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=family)


def _canonical(
    manifest: Manifest,
    table: TableMapping,
    relations: Mapping[str, Relation],
    family: str,
    made: Mapping[str, Canonical],
    part: str,
) -> Canonical:
    """The table's SELECT, with types, and with what it leaves out filled in."""
    rendered = render(manifest, table, relations, family, is_live=True, with_marks=False)
    whole = _Whole(manifest, table.name, family, made, part)
    for name in rendered.columns:
        whole.take(name)
    given = [key.name for key in TABLES[table.name].primary_key if key.name in whole.cells]
    whole.complete()
    cells = ", ".join(f"{cell.sql(dialect=family)} AS {_name(name, family)}" for name, cell in whole.cells.items())
    keys = [f"m.{_name(name, family)} IS NOT NULL" for name in given]
    where = f" WHERE {' AND '.join(keys)}" if keys else ""
    sql = f"SELECT {cells} FROM ({rendered.sql}) AS m{whole.joins()}{where}"
    return Canonical(table.name, sql, frozenset(whole.cells), tuple(whole.needs))


class _Whole:
    """The cells of one canonical table, from those that its SELECT gives to those that can be filled in."""

    def __init__(self, manifest: Manifest, table: str, family: str, made: Mapping[str, Canonical], part: str) -> None:
        self.table, self.family, self.made, self.part = table, family, made, part
        self.writer = Writer(manifest, family)
        self.cells: dict[str, exp.Expr] = {}
        self.joined: dict[str, None] = {}
        self.needs: dict[str, None] = {}

    def take(self, name: str) -> None:
        """A column as the SELECT gives it."""
        self._set(name, f"m.{_name(name, self.family)}")

    def complete(self) -> None:
        """Fill in the columns that can be told from others."""
        if self.table == "settings":
            return
        self._set("source_system", text_literal(self.writer.manifest.id))
        for name, ways in completed_by_all(self.table).items():
            made = next((cell for way in ways if name not in self.cells and (cell := self._cell(way))), None)
            if made is not None:
                self._set(name, self.writer.sql(made))

    def joins(self) -> str:
        """What the cells look into, one row at most for each row."""
        parts = []
        for name in self.joined:
            join = JOINS[name]
            by = self.cells[join.by].sql(dialect=self.family)
            key = _name(join.key, self.family)
            parts.append(f" LEFT JOIN {_name(join.table + self.part, self.family)} AS {name} ON {name}.{key} = {by}")
        return "".join(parts)

    def _set(self, name: str, text: str) -> None:
        column = TABLES[self.table].columns.get(name)
        kind, size = ("text", {}) if column is None else kind_of(column)
        if (
            self.writer.manifest.text_keys
            and column is not None
            and (column.primary_key or column.foreign_keys)
            and kind == "text"
        ):
            self.cells[name] = exp.Var(this=text)  # as it is, so that the database finds its indexes
            return
        self.cells[name] = exp.Var(this=FAMILIES[self.family].typed[kind].format(text, **size))

    def _cell(self, way: str) -> exp.Expr | None:
        """An expression over the columns that are there; None where one of them is not."""
        cell = parse_cell(way, f"{self.table} completion")
        looked_into: list[str] = []
        for column in list(cell.find_all(exp.Column)):
            value = self._value(column, looked_into)
            if value is None:
                return None
            if column is cell:
                cell = value
            else:
                column.replace(value)
        self.joined |= {name: None for name in looked_into if name in JOINS}
        self.needs |= {JOINS[name].table if name in JOINS else name: None for name in looked_into}
        return cell

    def _value(self, column: exp.Column, looked_into: list[str]) -> exp.Expr | None:
        if column.table:
            join = JOINS[column.table]
            looked_into.append(column.table)
            is_there = join.by in self.cells and column.name in self._columns_of(join.table)
            return exp.Var(this=f"{column.table}.{_name(column.name, self.family)}") if is_there else None
        if column.name == "rate":
            looked_into.append("fx_rates")
            return self._rate()
        if column.name in self.cells:
            return self.cells[column.name].copy()
        default = TABLES[self.table].columns[column.name].info.get("default")
        return exp.Literal.number(default) if isinstance(default, int) else None

    def _columns_of(self, table: str) -> frozenset[str]:
        return self.made[table].columns if table in self.made else frozenset()

    def _rate(self) -> exp.Expr | None:
        """The last rate that is valid on the row's day."""
        when = self._cell(RATED_ON[self.table]) if "fx_rates" in self.made else None
        if when is None or "currency" not in self.cells:
            return None
        currency, valid = (_name(one, self.family) for one in ("currency", "valid_from"))
        mine = self.cells["currency"].sql(dialect=self.family)
        before = f"r.{currency} = {mine} AND r.{valid} <= {self.writer.sql(when)}"
        rate = f"SELECT r.{_name('rate_to_base', self.family)} FROM {_name('fx_rates' + self.part, self.family)} AS r"
        return exp.Var(this=f"({rate} WHERE {before} ORDER BY r.{valid} DESC LIMIT 1)")


def kind_of(column: Column[Any]) -> tuple[str, dict[str, int]]:
    """The kind of a canonical column, as the families' `TYPED` names it, and its digits."""
    kinds: tuple[tuple[type[Any], str], ...] = (
        (Boolean, "flag"), (DateTime, "moment"), (Date, "day"), (Integer, "whole"), (Float, "float")
    )  # fmt: skip
    if isinstance(column.type, Numeric) and not isinstance(column.type, Float):
        return "decimal", {"precision": column.type.precision or 24, "scale": column.type.scale or 6}
    return next((kind for type_, kind in kinds if isinstance(column.type, type_)), "text"), {}


def _present_stays(family: str, part: str) -> Canonical:
    """One stay for each deal, in its present stage from its opening on: all that is known where nothing was logged."""
    cells = {
        "opportunity_id": "d.opportunity_id",
        "seq": "1",
        "stage_id": "d.stage_id",
        "outcome": "d.outcome",
        "entered_at": "d.created_at",
        "is_initial": _typed("flag", "1", family),
        "is_reconstructed": _typed("flag", "1", family),
    }
    parts = ", ".join(f"{value} AS {name}" for name, value in cells.items())
    sql = f"SELECT {parts} FROM {_name('opportunities' + part, family)} AS d"
    return Canonical("stage_history", sql, frozenset(cells), ("opportunities",))


def _stated_rates(manifest: Manifest, family: str) -> Canonical:
    """The rates that the mapping or the company's own file states, for a CRM that holds none."""
    base = text_literal(str(manifest.settings.get("base_currency", "")))
    kinds = {column.name: kind_of(column) for column in TABLES["fx_rates"].columns}
    rows = []
    for rate in manifest.rates:
        texts = {
            "currency": text_literal(rate.currency),
            "valid_from": text_literal(rate.valid_from.isoformat()),
            "base_currency": base,
            "rate_to_base": repr(rate.rate_to_base),
        }
        cells = [
            f"{FAMILIES[family].typed[kinds[name][0]].format(text, **kinds[name][1])} AS {_name(name, family)}"
            for name, text in texts.items()
        ]
        rows.append(f"SELECT {', '.join(cells)}")
    return Canonical("fx_rates", " UNION ALL ".join(rows), frozenset(texts))
