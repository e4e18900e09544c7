"""One database, opened once per process and shared by every session: what it holds, its settings, how far it reaches.

`Database.fetch` runs a select and gives a frame, fetched by Arrow where the driver has it, cached by statement,
parameters and data version. A file that is replaced while the app serves is noticed by its version (inode, size, time
of change) and opened afresh; queries that are running finish on the old one, and what they find is kept as the old
version's.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
from cachetools import LRUCache
from sqlalchemy import (
    URL,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    Numeric,
    Select,
    String,
    Table,
    case,
    cast,
    func,
    inspect,
    literal,
    null,
    select,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access import engines, failures
from data_access.account import prove_read_only
from data_access.errors import ChangedError, MappingError, SourceError, UnreachableError
from data_access.extract.record import SOURCE, Origin, read_lacking, read_origin
from data_access.functions import as_written
from data_access.mapped import Mapped, read_mapped, tables_read, unmapped_words
from data_access.mappings.live import Unmapped
from data_access.place import Place, find_place
from data_access.remarks import Remark, barred_columns, of_import, of_lacking_rights
from data_access.rights import PERMISSION, Seen, look
from data_access.running import run
from data_access.schema import HAPPENINGS, SETTINGS, TABLES
from data_access.settings import Settings
from data_access.sharing import Shared

LOG = logging.getLogger("clientele")
FRESH_FOR = 60.0  # seconds for which an answer of a database server is reused
FACTS_FRESH_FOR = 300.0  # seconds for which what a mapping makes of a server is taken to hold
LOOK_EVERY = 1.0  # seconds between looks at a file's version
WAIT_FOR = 30.0  # seconds for which a replaced file waits for running queries to end
CALM = 3.0  # seconds for which a server that could not be reached is not tried again
AWAY = ("source_unreachable", "source_host")
FRAMES_BYTES = 256 * 2**20
MAX_MERGES = 8
RECORDS = ("import_log", SOURCE)  # tables that tell of the file itself
SET_ASIDE = ("permission", "changed", "")  # kinds of failure that are a table's own
# A history's rows lie between the opening of what it is about and its last change.
WHOLE_OF_HISTORY = {"stage_history": ("opportunities", "created_at"), "ticket_history": ("tickets", "opened_at")}


Row = dict[str, Any]
Held = TypeVar("Held")  # a frame or rows
Ask = Callable[[Select[Any]], Sequence[Any]]  # the rows of a query over the canonical tables
Done = TypeVar("Done")
Form = Callable[[CursorResult[Any], Select[Any]], Held]


@dataclass(frozen=True)
class Facts:
    """What is known about the data of one version: which columns are held, settings and the first and last moments.

    `merges` is the length of the longest chain of merged customers, `own_company` the records of the company itself and
    those merged into them; `spans` gives each table's first and last moment; `loose` names the texts that the server's
    collation takes for equal though they are written differently (identifiers are left to it, and to their indexes);
    `mapped` is what a mapping makes of the database, where its tables are not the canonical ones; `origin` says of
    which database, and of when, a file is the extract; `is_whole` says that `spans` leave nothing out and hold for as
    long as the version does. `barred` are tables that cannot be read, with the reason, `barred_columns` those of others
    that pass for empty; `remarks` what is said beside figures because of them.
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
    not_extracted: Mapping[str, str] = field(default_factory=dict)
    barred: Mapping[str, SourceError] = field(default_factory=dict)
    barred_columns: Mapping[tuple[str, str], SourceError] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    # The words in each table that no value map knows, as far as somebody has asked; they hold as long as these facts.
    words: dict[str, tuple[Unmapped, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def lacking(self) -> Mapping[str, str]:
        """Why tables that the mapping makes are not there, by their names."""
        return self.mapped.lacking if self.mapped else self.not_extracted

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
    def is_empty(self) -> bool:
        """True when nothing ever happened in this database."""
        return self.last is None


class Database:
    """One database; `version` changes whenever its data may have."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.url = place.url
        self._kept: LRUCache[Any, Any] = LRUCache(FRAMES_BYTES, getsizeof=_bytes)
        self._shared = Shared()
        self._facts: dict[str, Facts] = {}
        self._last_facts: Facts | None = None
        self._facts_until = 0.0
        self._down: tuple[float, UnreachableError] | None = None
        self._is_proven = engines.is_file(place.url)
        self._gate = threading.Condition()
        self._readers = 0
        self._engine: Engine | None = None
        self._opened_version = ""
        self._looked: tuple[float, str] = (-LOOK_EVERY, "")

    @cached_property
    def name(self) -> str:
        """Where the data are, without a password."""
        return failures.where(self.url)

    @cached_property
    def address(self) -> str:
        """What tells it from every other: the whole URL without its password, and how it is read."""
        return repr((self.url.render_as_string(hide_password=True), self.place.mapping, self.place.own))

    @property
    def version(self) -> str:
        """Identity of the data: the file's inode, size and time of change, or the minute for a server."""
        now = time.monotonic()
        if now - self._looked[0] >= LOOK_EVERY:
            self._looked = (now, self._look(now))
        return self._looked[1]

    def _look(self, now: float) -> str:
        if not engines.is_file(self.url):
            return f"{int(now // FRESH_FOR)}"
        try:
            stat = Path(self.url.database or "").stat()
        except OSError:
            return "missing"
        return f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"

    @contextmanager
    def reading(self) -> Iterator[tuple[Engine, str]]:
        """The engine, and the version of the data that it reads; neither changes before the block ends."""
        opened = self._enter()
        try:
            yield opened
        except (SQLAlchemyError, opened[0].dialect.loaded_dbapi.Error, ValueError, TypeError) as fault:
            raise failures.explain(fault, self.url) from fault
        finally:
            with self._gate:
                self._readers -= 1
                self._gate.notify_all()

    def _enter(self) -> tuple[Engine, str]:
        """Open the file afresh when it was replaced, once nobody reads the old one; new readers wait for that."""
        until = time.monotonic() + WAIT_FOR
        with self._gate:
            while self._engine is None or self._opened_version != self._wanted_version():
                if self._readers == 0:
                    self._reopen(self._wanted_version())
                elif not self._gate.wait(until - time.monotonic()):
                    break  # a query of half a minute is running: read on what it reads
            engine = self._engine
            assert engine is not None
            self._readers += 1
            return engine, self._opened_version if engines.is_file(self.url) else self.version

    def _wanted_version(self) -> str:
        return self.version if engines.is_file(self.url) else "server"

    def _reopen(self, version: str) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        self._engine = engines.create(self.url)
        self._opened_version = version
        self._gate.notify_all()

    def fetch(self, query: Select[Any], scope: str = "") -> pd.DataFrame:
        """The rows of `query`; the same statement on the same data is answered from memory within `scope`."""
        return self._answered(query, scope, to_frame).copy(deep=False)

    def rows(self, query: Select[Any], scope: str = "") -> list[Row]:
        """The same as `fetch` for a few rows that are to be reckoned with one by one: no frame in between."""
        return [dict(row) for row in self._answered(query, scope, to_rows)]

    def _answered(self, query: Select[Any], scope: str, form: Form[Held]) -> Held:
        """What a statement gives in a form (`to_frame`, `to_rows`): from memory, or run for all who ask, and kept."""
        query = self._whole(query)
        with self.reading() as (engine, version):
            key = (form, version, scope, *_statement_key(query, engine))
            with self._gate:
                found: Held | None = self._kept.get(key)
            return (
                self._shared.once(key, lambda: self._run_and_keep(engine, key, query, form)) if found is None else found
            )

    def _run_and_keep(self, engine: Engine, key: Any, query: Select[Any], form: Form[Held]) -> Held:
        def work(connection: Connection) -> Held:
            result = connection.execute(query)
            engines.check_whole(result, self.url)
            return form(result, query)

        found = self._run(engine, work)
        with self._gate:
            if _bytes(found) < FRAMES_BYTES // 4:
                self._kept[key] = found
        return found

    def _whole(self, query: Select[Any]) -> Select[Any]:
        """The query with the canonical tables that a mapping makes for it."""
        mapped = self.facts.mapped if self.place.is_mapped else None
        return mapped.over(query) if mapped else query

    def _run(self, engine: Engine, work: Callable[[Connection], Done]) -> Done:
        """Put a question, unless the server could not be reached a moment ago."""
        down = self._down
        if down is not None and time.monotonic() < down[0]:
            raise down[1].with_traceback(None)
        try:
            if not self._is_proven:
                run(engine, self.url, self._prove)
                self._is_proven = True
            done = run(engine, self.url, work)
        except UnreachableError as fault:
            self._down = (time.monotonic() + (CALM if fault.key in AWAY else 0), fault)
            raise
        except SourceError as fault:
            if isinstance(fault, ChangedError) or fault.key == PERMISSION:
                self._facts, self._facts_until = {}, 0.0  # they are not true any more
            raise
        self._down = None
        return done

    def _prove(self, connection: Connection) -> None:
        prove_read_only(connection, self.url, self.place.allow_writing_account)

    def knock(self) -> None:
        """Try to read the database, whatever is known of it. Raises SourceError."""
        with self.reading() as (engine, _):
            self._run(engine, lambda connection: inspect(connection).get_table_names())

    def forget(self) -> None:
        """Drop everything that is kept."""
        with self._gate:
            self._kept.clear()

    def sql(self, query: Select[Any]) -> str:
        """The statement with its values written in, ready to be run by hand."""
        query = self._whole(query)
        with self.reading() as (engine, _):
            return str(query.compile(dialect=engines.by_hand(engine.dialect), compile_kwargs={"literal_binds": True}))

    @property
    def facts(self) -> Facts:
        """What this version of the data holds, read once per version; the last known while it cannot be read."""
        try:
            with self.reading() as (engine, version):
                facts = self._facts.get(version) or self._lasting_facts()
                if facts is None:
                    facts = self._shared.once(("facts", version), lambda: self._read_facts(engine, version))
        except UnreachableError:
            if self._last_facts is None:
                raise
            facts = self._last_facts
        return facts

    def _lasting_facts(self) -> Facts | None:
        """What a mapping makes of a server costs a look at its whole log: it holds for some minutes."""
        is_fresh = time.monotonic() < self._facts_until
        return self._last_facts if is_fresh and self.place.is_mapped and not engines.is_file(self.url) else None

    def _read_facts(self, engine: Engine, version: str) -> Facts:
        facts = self._run(engine, lambda connection: _read_facts(connection, self.place, self.name))
        self._facts = {version: facts}
        self._last_facts, self._facts_until = facts, time.monotonic() + FACTS_FRESH_FOR
        return facts

    def unmapped(self, facts: Facts, tables: Iterable[str]) -> list[Unmapped]:
        """The words in these tables that no value map of the mapping knows; each table is asked once for its facts.

        What cannot be told is not waited for again: it is said beside figures, and is none itself.
        """
        names = frozenset(tables) & frozenset(facts.mapped.columns if facts.mapped else ())
        unasked = sorted(names - set(facts.words))
        if unasked:
            self._shared.once(("words", id(facts), *unasked), lambda: self._ask_words(facts, unasked))
        return [one for name in sorted(names) for one in facts.words.get(name, ())]

    def _ask_words(self, facts: Facts, tables: Sequence[str]) -> None:
        found: list[Unmapped] = []
        settings = facts.mapped.manifest.settings if facts.mapped else {}
        try:
            with self.reading() as (engine, _):
                found = self._run(engine, lambda connection: unmapped_words(connection, self.place, settings, tables))
        except UnreachableError:
            return
        except (SourceError, MappingError) as fault:
            LOG.warning("Words that no value map knows cannot be told: %s", fault)
        facts.words.update({name: tuple(one for one in found if one.table == name) for name in tables})

    @property
    def identity(self) -> str:
        """A short name for this database and version, for cache keys and exports."""
        return hashlib.sha256(f"{self.address}|{self.version}".encode()).hexdigest()[:12]


_DATABASES: dict[str, Database] = {}
_OPENING = threading.Lock()


def database(source: str, mapping: str = "") -> Database:
    """The process's one `Database` for a path, a URL or a settings file, through a mapping if one is named."""
    place = find_place(source, mapping)
    with _OPENING:
        if place.key not in _DATABASES:
            _DATABASES[place.key] = Database(place)
        return _DATABASES[place.key]


def to_frame(result: CursorResult[Any], query: Select[Any]) -> pd.DataFrame:
    """A result as a frame whose dtypes follow the select: float, int, str, bool or datetime64, on every engine."""
    arrow = getattr(result.cursor, "to_arrow_table", None)
    names, types = list(result.keys()), [column.type for column in query.selected_columns]
    if arrow is not None:
        columns = zip(names, arrow().columns, types, strict=True)
        return pd.DataFrame({name: _from_arrow(values, type_) for name, values, type_ in columns})
    frame = pd.DataFrame.from_records(result.fetchall(), columns=names)
    return frame.assign(**{name: _typed(frame[name], type_) for name, type_ in zip(names, types, strict=True)})


def to_rows(result: CursorResult[Any], query: Select[Any]) -> list[Row]:
    """A result as dicts: numbers as int or float, moments as datetimes, days as dates; None for no value."""
    if hasattr(
        result.cursor, "to_arrow_table"
    ):  # DuckDB's own values are right as they are, and quicker for a few rows
        names = list(result.keys())
        return [dict(zip(names, map(_plain, row), strict=True)) for row in result.cursor.fetchall()]
    columns = {str(name): _plain_values(values) for name, values in to_frame(result, query).items()}
    days = [column.name for column in query.selected_columns if isinstance(column.type, Date)]
    columns |= {name: [value and value.date() for value in columns[name]] for name in days}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _plain_values(values: pd.Series) -> list[Any]:
    return [None if missing else value for value, missing in zip(values.tolist(), values.isna(), strict=True)]


def _from_arrow(values: pa.ChunkedArray, type_: Any) -> Any:
    """A column as an array of the select's type; numbers and moments straight from Arrow: three times as fast."""
    kind = values.type
    is_number = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    if is_number and isinstance(type_, Float | Numeric | Integer):
        is_whole = isinstance(type_, Integer) and not values.null_count
        return values.cast(pa.int64() if is_whole else pa.float64()).to_numpy()
    if isinstance(type_, Date | DateTime) and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return values.to_numpy().astype("datetime64[us]")
    return _typed(values.to_pandas(date_as_object=False, coerce_temporal_nanoseconds=False), type_)


def _typed(values: pd.Series, type_: Any) -> pd.Series:
    if isinstance(type_, Boolean):
        return values.astype(bool) if values.notna().all() else values.astype("boolean")
    if isinstance(type_, Integer):
        return pd.to_numeric(values).astype("int64" if values.notna().all() else "float64")
    if isinstance(type_, Float | Numeric):
        return pd.to_numeric(values.astype(float) if values.dtype == object else values).astype("float64")
    if isinstance(type_, Date | DateTime):
        return pd.to_datetime(values).astype("datetime64[us]")
    if isinstance(type_, String):
        return values.astype("str") if values.notna().all() else values.astype("str").where(values.notna(), None)
    return values


def _bytes(kept: Any) -> int:
    """How much memory a frame or rows take, about."""
    if isinstance(kept, list):
        return 1024 + 256 * sum(len(row) for row in kept)
    return sum(int(column.array.nbytes) for _, column in kept.items()) + 1024


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


def _statement_key(query: Select[Any], engine: Engine) -> tuple[Any, str]:
    """What tells statements apart: their structure, as SQLAlchemy's own cache sees it, and their values."""
    key = query._generate_cache_key()
    if key is not None:
        return key.key, repr([bound.effective_value for bound in key.bindparams])
    compiled = query.compile(dialect=engine.dialect)
    return str(compiled), repr(sorted(compiled.params.items()))


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


def _read_facts(connection: Connection, place: Place, name: str) -> Facts:
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
    remarks = [*known.remarks, *of_lacking_rights(barred, known.barred_columns, mapped.unseen if mapped else {})]
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
    return Facts(mapped.columns, settings, {}, 0, (), loose=loose, mapped=mapped, barred=mapped.barred)


def _of_tables(connection: Connection, url: URL, name: str) -> Facts:
    """What a database with canonical tables holds, before a row of them is asked for. Raises SourceError."""
    seen = look(connection, url, (*TABLES, *RECORDS))
    columns = {table: frozenset(names) for table, names in seen.tables.items()}
    hindered = seen.bars("settings") if "settings" not in columns else None
    if hindered is not None and hindered.key == PERMISSION:
        raise hindered  # no figure is right in a currency or a time zone that is only assumed
    origin = read_origin(connection, columns)
    barred = {one: fault for one in TABLES if one != "settings" and (fault := _barred(seen, one)) is not None}
    return Facts(
        columns,
        _read_settings(connection, columns, name),
        {},
        0,
        (),
        loose={table: names for table, held in seen.loose.items() if (names := _no_identifiers(held))},
        origin=origin,
        not_extracted=read_lacking(connection) if origin else {},
        barred=barred,
        barred_columns=barred_columns(seen, [one for one in TABLES if one in columns and one not in barred]),
        remarks=tuple(of_import(connection, columns)),
    )


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


__all__ = ["Database", "Facts", "SourceError", "database", "held", "to_frame"]
