"""What is known of one version of a company's data before anything is asked: columns, settings, how far it reaches.

`read_facts` looks at a database once per version; `held` gives a table as far as the database holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from functools import cached_property
from typing import Any

from sqlalchemy import URL, Boolean, Column, Connection, Select, String, Table, case, cast, func, literal, null, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access import engines, failures
from data_access.errors import ClienteleError, SourceError
from data_access.extract.record import RECORD, Origin, Without, read_origin, read_without, read_words
from data_access.functions import as_written
from data_access.mapped import Mapped, read_mapped, tables_read
from data_access.mappings.live import Unmapped
from data_access.place import Place
from data_access.remarks import Remark, barred_columns, of_import, of_lacking, of_lacking_rights
from data_access.rights import PERMISSION, RIGHTS, Seen, look
from data_access.schema import HAPPENINGS, SETTINGS, TABLES
from data_access.settings import Settings

MAX_MERGES = 8
RECORDS = ("import_log", *RECORD)  # tables that tell of the file itself
SET_ASIDE = ("permission", "changed", "")  # kinds of failure that are a table's own
# A history's rows lie between the opening of what it is about and its last change.
WHOLE_OF_HISTORY = {"stage_history": ("opportunities", "created_at"), "ticket_history": ("tickets", "opened_at")}

Ask = Callable[[Select[Any]], Sequence[Any]]  # the rows of a query over the canonical tables


@dataclass(frozen=True)
class Facts:
    """What is known about the data of one version: which columns are held, settings and the first and last moments.

    `merges` is the length of the longest chain of merged customers, `own_company` the records of the company itself and
    those merged into them; `spans` gives each table's first and last moment; `loose` names the texts that the server's
    collation takes for equal though they are written differently (identifiers are left to it, and to their indexes);
    `mapped` is what a mapping makes of the database, where its tables are not the canonical ones; `origin` says of
    which database, and of when, a file is the extract; `without` what is not there of what a mapping makes; `is_whole`
    says that `spans` leave nothing out and hold for as long as the version does. `barred` are tables that cannot be
    read, with the reason, `barred_columns` those of others that pass for empty; `remarks` what is said beside figures
    because of them.
    """

    columns: dict[str, frozenset[str]]
    settings: Settings
    spans: dict[str, tuple[datetime, datetime]]
    merges: int
    own_company: tuple[str, ...]
    is_whole: bool = False
    loose: dict[str, frozenset[str]] = field(default_factory=dict)
    mapped: Mapped | None = None
    origin: Origin | None = None
    without: Without = field(default_factory=Without)
    barred: Mapping[str, SourceError] = field(default_factory=dict)
    barred_columns: Mapping[tuple[str, str], SourceError] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    # The words in each table that no value map knows, as far as somebody has asked; they hold as long as these facts.
    # Of an extract they are those of its source, all that there were.
    words: dict[str, tuple[Unmapped, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def lacking(self) -> Mapping[str, ClienteleError]:
        """Why tables that the mapping makes are not there, by their names."""
        return self.without.tables

    @cached_property
    def first(self) -> datetime | None:
        """The first moment at which anything happened; None in an empty database."""
        return min((low for low, _ in self.spans.values()), default=None)

    @cached_property
    def last(self) -> datetime | None:
        """The last moment at which anything happened; None in an empty database."""
        return max((high for _, high in self.spans.values()), default=None)

    def first_of(self, tables: Iterable[str]) -> datetime | None:
        """The first moment that is known from every one of these tables (of those in which things happen)."""
        return max((self.spans[table][0] for table in tables if table in self.spans), default=None)

    @property
    def is_unchecked(self) -> bool:
        """True where rows may lack what every row should have: what a mapping makes, live or in an extract."""
        return self.mapped is not None or self.origin is not None

    @property
    def is_empty(self) -> bool:
        """True when nothing ever happened in this database."""
        return self.last is None


# -- tables ---------------------------------------------------------------------------------------------------------
def held(table: Table, columns: frozenset[str], loose: frozenset[str] = frozenset()) -> FromClause:
    """The table as far as the source holds it: a missing column has its default in every row, or null.

    `loose` columns are those whose collation takes different texts for equal; here they are not.
    """
    missing = [column for column in table.columns if column.name not in columns]
    if not missing and not loose:
        return table
    present = [
        as_written(column).label(column.name) if column.name in loose else column
        for column in table.columns
        if column.name in columns
    ]
    blanks = [_blank(column).label(column.name) for column in missing]
    return select(*present, *blanks).subquery(table.name)


def _blank(column: Column[Any]) -> ColumnElement[Any]:
    """What a column holds that is not there. A truth is written as such: MySQL has no type to cast it to."""
    if "default" not in column.info:
        return cast(null(), column.type)
    default = literal(column.info["default"], column.type)
    return default if isinstance(column.type, Boolean) else cast(default, column.type)


# -- to look at a database -------------------------------------------------------------------------------------------
class _First:
    """Puts the first questions to a database; a table that cannot answer is set aside, with what was said of it."""

    def __init__(self, connection: Connection, url: URL, mapped: Mapped | None) -> None:
        self.connection, self.url, self.mapped = connection, url, mapped
        self.broken: dict[str, SourceError] = {}

    def __call__(self, query: Select[Any]) -> Sequence[Any]:
        """The rows of a query over the canonical tables; none where they cannot be read."""
        try:
            return self.connection.execute(self.mapped.over(query) if self.mapped else query).all()
        except (DBAPIError, ValueError, TypeError) as fault:
            if failures.was_dropped(fault) or failures.kind_of(fault) not in SET_ASIDE:
                raise
            self.broken |= dict.fromkeys(tables_read(query), failures.explain(fault, self.url))
            return []


def facts_without_rows(connection: Connection, place: Place, name: str) -> Facts:
    """What can be known of a database before a row is asked for. Raises SourceError, MappingError."""
    if place.is_mapped:
        return _of_mapping(connection, read_mapped(connection, place), name)
    return _of_tables(connection, place.url, name)


def read_facts(connection: Connection, place: Place, name: str) -> Facts:
    known = facts_without_rows(connection, place, name)
    mapped = known.mapped
    ask = _First(connection, place.url, mapped)
    origin = known.origin
    until = datetime.now(UTC).replace(tzinfo=None) if mapped else origin.read_at if origin and origin.mapping else None
    spans = spans_of(ask, known.columns, until)
    customers = known.columns.get("customers", frozenset())
    into = _merged_into(ask) if {"customer_id", "merged_into_id"} <= customers else {}
    survivors, merges = _survivors(into)
    own = _own_company(ask, survivors) if {"customer_id", "is_own_company"} <= customers else ()
    barred = {**known.barred, **ask.broken}
    remarks = [
        *known.remarks,
        *of_lacking_rights(barred, known.barred_columns, known.without.sources),
        *of_lacking({name: why for name, why in known.lacking.items() if name not in barred}),
    ]
    is_whole = until is None and engines.is_file(place.url)
    facts = replace(
        known, spans=spans, is_whole=is_whole, merges=merges, own_company=own, barred=barred, remarks=tuple(remarks)
    )
    if mapped and known.settings.data_as_of is None:
        return replace(facts, settings=replace(known.settings, data_as_of=facts.last))
    return facts


def _of_mapping(connection: Connection, mapped: Mapped, name: str) -> Facts:
    """What a mapping gives, before a row is asked for."""
    is_mysql = connection.dialect.name in ("mysql", "mariadb")
    loose = {table: _loose_names(names) for table, names in mapped.columns.items()} if is_mysql else {}
    settings = settings_in(mapped.manifest.settings, name)
    without = Without(mapped.lacking, mapped.unseen)
    return Facts(mapped.columns, settings, {}, 0, (), loose=loose, mapped=mapped, without=without, barred=mapped.barred)


def _of_tables(connection: Connection, url: URL, name: str) -> Facts:
    """What a database with canonical tables holds, before a row of them is asked for. Raises SourceError."""
    seen = look(connection, url, (*TABLES, *RECORDS))
    columns = {table: frozenset(names) for table, names in seen.tables.items()}
    hindered = seen.bars("settings") if "settings" not in columns else None
    if hindered is not None and hindered.key == PERMISSION:
        raise hindered  # no figure is right in a currency or a time zone that is only assumed
    origin = read_origin(connection, columns)
    without = read_without(connection, columns)
    barred = {one: fault for one in TABLES if one != "settings" and (fault := _barred(seen, one)) is not None}
    barred |= {one: why for one, why in without.tables.items() if isinstance(why, SourceError) and why.key in RIGHTS}
    return Facts(
        columns,
        _read_settings(connection, columns, name),
        {},
        0,
        (),
        loose={table: names for table, held in seen.loose.items() if (names := _no_identifiers(held))},
        origin=origin,
        without=without,
        barred=barred,
        barred_columns=barred_columns(seen, [one for one in TABLES if one in columns and one not in barred]),
        remarks=tuple(of_import(connection, columns)),
        words=_by_table(read_words(connection, columns)),
    )


def _by_table(words: Iterable[Unmapped]) -> dict[str, tuple[Unmapped, ...]]:
    found: dict[str, tuple[Unmapped, ...]] = {}
    for one in words:
        found[one.table] = (*found.get(one.table, ()), one)
    return found


def _barred(seen: Seen, table: str) -> SourceError | None:
    """What keeps a canonical table, or a column that every row of it needs, from being read."""
    held = seen.tables.get(table)
    if held is None:
        return seen.bars(table)
    needed = [c.name for c in TABLES[table].columns if not c.nullable and "default" not in c.info]
    missing = [seen.bars(table, column) for column in needed if column not in held]
    return next((fault for fault in missing if fault is not None), None)


def _loose_names(names: Iterable[str]) -> frozenset[str]:
    """The texts among canonical columns that are no identifiers."""
    kinds = {c.name: c.type for table in TABLES.values() for c in table.columns}
    return _no_identifiers(name for name in names if isinstance(kinds.get(name), String))


def _no_identifiers(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if not name.endswith(("_id", "_key")))


def _merged_into(ask: Ask) -> dict[str, str]:
    people = TABLES["customers"].c
    merged = select(people.customer_id, people.merged_into_id).where(people.merged_into_id.is_not(None))
    return {str(gone): str(kept) for gone, kept in ask(merged)}


def _survivors(into: dict[str, str]) -> tuple[dict[str, str], int]:
    """Where every merged record ends, and the steps of the longest way there: a into b, b into c gives 2."""
    at, steps = into, 1
    while steps < MAX_MERGES and any(place in into for place in at.values()):
        at, steps = {gone: into.get(place, place) for gone, place in at.items()}, steps + 1
    return at, steps if into else 0


def _own_company(ask: Ask, survivors: dict[str, str]) -> tuple[str, ...]:
    people = TABLES["customers"].c
    own = {str(key) for (key,) in ask(select(people.customer_id).where(people.is_own_company))}
    return tuple(sorted(own | {gone for gone, kept in survivors.items() if kept in own}))


def _read_settings(connection: Connection, columns: dict[str, frozenset[str]], name: str) -> Settings:
    names = columns.get("settings", frozenset())
    wanted = [column for column in SETTINGS.columns if column.name in names]
    if not wanted:
        return Settings()
    row = connection.execute(select(*wanted).limit(1)).mappings().first()
    return settings_in(dict(row or {}), name)


def settings_in(row: Mapping[str, Any], name: str) -> Settings:
    """The settings that a row or a mapping gives. Raises SourceError."""
    return Settings(**_settings_values(row, name))


def _settings_values(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The settings that are given, each checked. Raises SourceError."""
    values: dict[str, Any] = {str(column): value for column, value in row.items() if value is not None}
    for column, last in (("week_start", 7), ("fiscal_year_start_month", 12)):
        if column in values:
            values[column] = _whole_number(values[column], column, last, name)
    if "data_as_of" in values:
        values["data_as_of"] = _moment(values["data_as_of"])
    return values


def _whole_number(value: Any, column: str, last: int, name: str) -> int:
    if str(value).strip().isdecimal() and 1 <= int(value) <= last:
        return int(value)
    raise SourceError(
        f"{name}: `settings.{column}` is {value!r}; write a whole number from 1 to {last}.",
        key="source_unreadable",
        path=name,
    )


def _moment(value: date) -> datetime:
    """A moment as it is meant: naive UTC; a day means its first moment."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time_of_day())
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def spans_of(
    ask: Ask, columns: Mapping[str, frozenset[str]], until: datetime | None
) -> dict[str, tuple[datetime, datetime]]:
    """The first and last moment of every table in which something happened; nothing dated after `until` has."""
    stand_ins = _stand_ins(columns) if until else {}
    spans: dict[str, tuple[datetime, datetime]] = {}
    for table, names in HAPPENINGS.items():
        moments = stand_ins.get(table) or _held_moments(table, names, columns)
        rows = ask(_ends(moments, until)) if moments else []
        known = [_moment(end) for row in rows for end in row if isinstance(end, date)]  # a column may be retyped
        if known:
            spans[table] = min(known), max(known)
    return spans


def _held_moments(table: str, names: Sequence[str], columns: Mapping[str, frozenset[str]]) -> list[ColumnElement[Any]]:
    return [TABLES[table].c[name] for name in names if name in columns.get(table, frozenset())]


def _stand_ins(columns: Mapping[str, frozenset[str]]) -> dict[str, list[ColumnElement[Any]]]:
    """What tells the first and last moment of a history where playing a whole log would be the only other way."""
    return {
        table: [TABLES[whole].c[opened], TABLES[whole].c.updated_at]
        for table, (whole, opened) in WHOLE_OF_HISTORY.items()
        if table in columns and {opened, "updated_at"} <= columns.get(whole, frozenset())
    }


def _ends(moments: Sequence[ColumnElement[Any]], until: datetime | None) -> Select[Any]:
    """The first and last of each of these columns of one table, in one look at its rows."""
    counted = [moment if until is None else case((moment <= until, moment)) for moment in moments]
    return select(*(end(moment) for moment in counted for end in (func.min, func.max)))
