"""Looks at one source: what is there, of which type, how full, and which invariants do not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    Numeric,
    String,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy import column as named
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType, TypeEngine

from data_access.account import proven
from data_access.doctor.invariants import Held, Invariant, every
from data_access.doctor.report import Problem, Report, TableReport
from data_access.doctor.taken import beside_source, takings
from data_access.extract.plan import place_hash
from data_access.extract.record import RECORD as OF_EXTRACT
from data_access.extract.record import Origin, read_origin, read_rows, read_without, read_words
from data_access.mapped import Mapped, read_mapped, unmapped_words
from data_access.mappings.live import Unmapped
from data_access.place import Place, find_place
from data_access.remarks import barred_columns
from data_access.rights import NOT_SHOWN, PERMISSION, Seen, every_column, look, types_of
from data_access.schema import PROVENANCE, SETTINGS, TABLES

RECORD = ("import_log", "quarantine", "repairs", *OF_EXTRACT)
UNTRANSLATED = ("unmapped_value", "unmapped_cleared")
EMPTY_IS_FINE = (*PROVENANCE,)


def examine(source: str, mapping: str = "") -> Report:
    """Everything that can be said about a file, a URL or what a `clientele.toml` names. Raises SourceError."""
    place = find_place(source, mapping)
    name = source if "://" not in source else place.url.render_as_string(hide_password=True)
    with proven(place) as connection:
        mapped = read_mapped(connection, place) if place.is_mapped else None
        report = _examine(Asked(connection, mapped, place), name)
        rows = {table.name: table.rows for table in report.tables}
        if report.extract is not None and report.extract.parts:
            rows = {**read_rows(connection), **rows}
        if mapped is not None:
            report = replace(report, taken=tuple(takings(connection, mapped, place, rows)))
    outdated = tuple(_outdated(report.extract, source, mapping))
    report = replace(report, problems=(*report.problems, *outdated))
    return report if outdated else _beside(report, source, mapping, rows)


def _beside(report: Report, source: str, mapping: str, rows: Mapping[str, int]) -> Report:
    """An extract that a settings file leads to, beside the source that the same file names."""
    if report.extract is None or not source.endswith(".toml"):
        return report
    beside = beside_source(report.extract, find_place(source, mapping, is_live=True), rows)
    problems = [
        Problem(
            "extract_differs", name, "", abs(file - live), "", f"{file:,} rows in the extract, {live:,} in the source"
        )
        for name, (file, live) in (beside.others if beside.is_fresh else {}).items()
    ]
    return replace(report, beside=beside, problems=(*report.problems, *problems))


def _outdated(origin: Origin | None, source: str, mapping: str) -> Iterator[Problem]:
    """An extract of another place than the settings file names by now."""
    if origin is None or not source.endswith(".toml"):
        return
    if place_hash(find_place(source, mapping, is_live=True)) != origin.place:
        text = "source, mapping or settings have changed since it was taken; run `python -m data_access extract`"
        yield Problem("extract_outdated", "", "", 1, "", text)


@dataclass(frozen=True)
class Asked:
    """A connection whose canonical tables are its own, or what a mapping makes of others."""

    connection: Connection
    mapped: Mapped | None
    place: Place

    def execute(self, query: Any) -> Any:
        """The rows of a query over the canonical tables."""
        return self.connection.execute(self.mapped.over(query) if self.mapped else query)

    def columns(self) -> dict[str, dict[str, TypeEngine[Any]]]:
        """The columns of each table with their types; a mapping gives every one its right type."""
        if self.mapped is None:
            seen = self.seen
            return {**_others(self.connection, seen), **types_of(self.connection, seen)}
        return {
            name: {c: TABLES[name].columns[c].type if c in TABLES[name].columns else String() for c in sorted(columns)}
            for name, columns in self.mapped.columns.items()
        }

    @cached_property
    def seen(self) -> Seen:
        """The canonical tables of the database itself, as far as they may be read."""
        return look(self.connection, self.place.url, (*TABLES, *RECORD))

    def forbidden(self) -> Iterator[Problem]:
        """The tables and columns that the account may not read, each with the statement that lets it; broken views."""
        barred = self.mapped.barred if self.mapped else {n: self.seen.bars(n) for n in TABLES if n in self.seen.denied}
        for name, fault in barred.items():
            if fault is not None and fault.key == PERMISSION:
                yield Problem("forbidden", name, "", 1, "", str(fault))
        for name, why in () if self.mapped else self.seen.broken.items():
            yield Problem("unreadable", name, "", 1, "", str(why))
        columns = {} if self.mapped else barred_columns(self.seen, [n for n in TABLES if n in self.seen.tables])
        for (name, column), fault in columns.items():
            yield Problem("forbidden", name, column, 1, "", str(fault))

    def not_shown(self) -> str:
        """What to grant where a table is there that the server does not show to this account; empty where it would."""
        hidden = None if self.mapped else next((f for n in TABLES if (f := self.seen.bars(n)) is not None), None)
        return str(hidden) if hidden is not None and hidden.key == NOT_SHOWN else ""

    def origin(self) -> Origin | None:
        """Of which database this is the extract."""
        return None if self.mapped else read_origin(self.connection, self.seen.tables)

    def lacking(self) -> Iterator[Problem]:
        """The tables that the mapping would make if the database were as it expects."""
        without = None if self.mapped else read_without(self.connection, self.seen.tables)
        lacking = self.mapped.lacking if self.mapped else without.tables if without else {}
        forbidden = (
            {one for one, fault in self.mapped.barred.items() if fault.key == PERMISSION} if self.mapped else set()
        )
        for name, why in lacking.items():
            if name not in forbidden:
                yield Problem("not_mapped", name, "", 1, "", str(why))

    def unmapped(self) -> Iterator[Problem]:
        """Words that no value map knows: their rows count nowhere until one does."""
        for one in self._words():
            count = sum(one.values.values())
            yield Problem("unmapped_value", one.table, one.column, count, next(iter(one.values)), _has_no_entry(one))

    def emptied(self) -> dict[str, tuple[str, ...]]:
        """By table: the columns in which a word that no value map knows leaves a cell empty, and the words."""
        if self.mapped is None:
            return {}
        found = unmapped_words(self.connection, self.place, self.mapped.manifest.settings, emptied=True)
        return {
            name: tuple(f"{one.column}: {_has_no_entry(one)}" for one in found if one.table == name)
            for name in {one.table for one in found}
        }

    def _words(self) -> list[Unmapped]:
        if self.mapped is None:
            return read_words(self.connection, self.seen.tables)
        return unmapped_words(self.connection, self.place, self.mapped.manifest.settings)

    def settings(self, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        return dict(self.mapped.manifest.settings) if self.mapped else _settings(self.connection, found)


def _has_no_entry(one: Unmapped) -> str:
    words = ", ".join(f"'{word}' ({count:,})" for word, count in one.values.items())
    return f"[{f'of.{one.of}.' if one.of else ''}{one.section}] has no entry for {words}"


def _examine(connection: Asked, source: str) -> Report:
    found = connection.columns()
    canonical = {name: found[name] for name in TABLES if name in found and name != "settings"}
    origin = connection.origin()
    usable, problems = _usable(canonical, fills_defaults=connection.mapped is not None or origin is not None)
    counts = {name: _fill(connection, name, columns) for name, columns in usable.items()}
    problems += _required(counts)
    problems += [*connection.forbidden(), *connection.lacking(), *connection.unmapped()]
    settings = connection.settings(found)
    if not settings:
        problems.append(
            Problem("settings_missing", "settings", "", 1, "", "one row is needed; EUR and UTC are assumed")
        )
    if not canonical:
        problems.append(Problem("no_tables", "", "", 1, "", "no canonical table is there"))
    held = Held(usable, settings.get("base_currency"), settings.get("data_as_of"))
    problems += [problem for one in every(held) if (problem := _ask(connection, one))]
    emptied = connection.emptied()
    log, quarantine, repairs = _record(connection, found)
    problems += _untranslated(log)
    return Report(
        source=source,
        engine=connection.connection.dialect.name,
        tables=tuple(_table(name, canonical[name], counts[name], emptied.get(name, ())) for name in canonical),
        missing_tables=tuple(name for name in TABLES if name not in canonical and name != "settings"),
        settings=settings,
        problems=tuple(problems),
        import_log=log,
        quarantine=quarantine,
        repairs=repairs,
        other_tables=tuple(sorted(set(found) - set(TABLES) - set(RECORD))),
        extract=origin,
        not_shown=connection.not_shown(),
    )


def _others(connection: Connection, seen: Seen) -> dict[str, dict[str, TypeEngine[Any]]]:
    """The tables that are no canonical ones; canonical ones that may not be read are left out."""
    columns = every_column(connection)
    return {name: dict.fromkeys(columns[name], NullType()) for name in columns if name not in {*TABLES, *seen.denied}}


def _usable(
    canonical: Mapping[str, Mapping[str, TypeEngine[Any]]], fills_defaults: bool
) -> tuple[dict[str, frozenset[str]], list[Problem]]:
    """The columns of the right type; the others cannot be asked about."""
    usable: dict[str, frozenset[str]] = {}
    problems = []
    for name, columns in canonical.items():
        wrong = {
            c.name: columns[c.name]
            for c in TABLES[name].columns
            if c.name in columns and not _fits(c.type, columns[c.name])
        }
        usable[name] = frozenset(c.name for c in TABLES[name].columns if c.name in columns and c.name not in wrong)
        for column, kind in wrong.items():
            wanted = TABLES[name].c[column].type
            problems.append(Problem("wrong_type", name, column, 1, str(kind), f"should be {_kind(wanted)}"))
        needed = [c for c in TABLES[name].columns if not c.nullable and not (fills_defaults and "default" in c.info)]
        lacking = [c.name for c in needed if c.name not in columns]
        problems += [Problem("column_missing", name, one, 1, "", "every row needs it") for one in lacking]
    return usable, problems


def _kind(kind: TypeEngine[Any]) -> str:
    for wanted, name in ((Boolean, "true or false"), (DateTime, "a moment"), (Date, "a date"), (String, "text")):
        if isinstance(kind, wanted):
            return name
    return "a number"


def _fits(wanted: TypeEngine[Any], found: TypeEngine[Any]) -> bool:
    if isinstance(found, NullType):
        return True
    if isinstance(wanted, Boolean):
        return isinstance(found, Boolean | Integer)
    if isinstance(wanted, Integer | Float | Numeric):
        return isinstance(found, Integer | Float | Numeric) and not isinstance(found, Boolean)
    if isinstance(wanted, DateTime):
        return isinstance(found, DateTime)
    if isinstance(wanted, Date):
        return isinstance(found, Date | DateTime)
    return True  # a key may be a number in the source; it is compared as it is


def _fill(connection: Asked, name: str, columns: frozenset[str]) -> dict[str, int]:
    """Rows of a table under "", and how many of them have a value in each column."""
    ordered = sorted(columns)
    here = TABLES[name]
    query = select(func.count().label("rows"), *(func.count(here.c[one]).label(f"n_{one}") for one in ordered))
    row = connection.execute(query.select_from(here)).one()
    return {"": int(row[0]), **{one: int(count) for one, count in zip(ordered, row[1:], strict=True)}}


def _required(counts: Mapping[str, Mapping[str, int]]) -> list[Problem]:
    return [
        Problem("missing_value", name, column.name, count[""] - count[column.name], "", "empty, and every row needs it")
        for name, count in counts.items()
        for column in TABLES[name].columns
        if not column.nullable and count.get(column.name, count[""]) < count[""]
    ]


def _table(name: str, columns: Mapping[str, Any], counts: Mapping[str, int], emptied: tuple[str, ...]) -> TableReport:
    known = [column.name for column in TABLES[name].columns]
    return TableReport(
        name=name,
        rows=counts[""],
        missing_columns=tuple(one for one in known if one not in columns),
        empty_columns=tuple(one for one in known if counts.get(one) == 0 and counts[""] and one not in EMPTY_IS_FINE),
        own_columns=tuple(one for one in columns if one not in known),
        emptied=emptied,
    )


def _settings(connection: Connection, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    names = [column for column in SETTINGS.columns if column.name in found.get("settings", {})]
    if not names:
        return {}
    row = connection.execute(select(*names).limit(1)).mappings().first()
    return dict(row) if row else {}


def _ask(connection: Asked, one: Invariant) -> Problem | None:
    """The problem that an invariant finds, or that it could not be asked."""
    rows = one.rows.subquery("broken")
    query = select(func.count(), func.min(rows.c.example))
    try:
        count, example = connection.execute(query).one()
    except SQLAlchemyError as fault:
        connection.connection.rollback()
        why = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        return Problem("not_checked", one.table, one.column, 1, one.rule, f"the source cannot answer: {why}")
    return Problem(one.rule, one.table, one.column, int(count), str(example), one.text) if count else None


def _record(
    connection: Asked, found: Mapping[str, Any]
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
    log: tuple[Mapping[str, Any], ...] = ()
    if "import_log" in found:
        parts: list[Any] = [named(name) for name in ("rule", "action", "table", "column", "count", "example", "text")]
        log = tuple(dict(row) for row in connection.execute(select(*parts).select_from(table("import_log"))).mappings())
    return log, tuple(_by_rule(connection, found, "quarantine")), tuple(_by_rule(connection, found, "repairs"))


def _untranslated(log: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Words of the source that no value map of its mapping knows: rows or cells are missing until it does."""
    for entry in log:
        if entry["rule"] in UNTRANSLATED:
            place = str(entry["table"]), str(entry["column"])
            yield Problem(str(entry["rule"]), *place, int(entry["count"]), str(entry["example"]), str(entry["text"]))


def _by_rule(connection: Asked, found: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    if name not in found:
        return
    parts: list[Any] = [named("table"), named("rule")]
    query = select(*parts, func.count().label("count")).select_from(table(name)).group_by(*parts)
    query = query.order_by(literal_column("3").desc())
    for row in connection.execute(query).mappings():
        yield dict(row)
