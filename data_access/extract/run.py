"""An extract, from a place to a file: the line that each one follows.

    plan -> the file under construction (new, gone on with, or a copy of the last one) -> one snapshot of the source
    -> table by table, whole or by changes -> settings, record -> swap the file in

Where mappings lie in different databases, each gives its tables in its turn and its own snapshot, and they are put
together (together.py) before the settings are written.

Nothing but the last step touches the target, and nothing at all is written to the source.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from sqlalchemy import URL

from data_access import engines, failures
from data_access.account import proven
from data_access.errors import ClienteleError, SourceError
from data_access.extract import changes, lines
from data_access.extract.file import CHANGES, FULL, Building, open_building, open_file
from data_access.extract.plan import Drawn, Plan, Planned, make_plan, place_hash, refuse_unextractable
from data_access.extract.record import (
    Origin,
    PartOrigin,
    Taken,
    close_record,
    note,
    note_part,
    note_without,
    note_words,
    written_tables,
)
from data_access.extract.sources import Snapshot, SourceBrokeOffError, open_snapshot
from data_access.extract.tables import Incoming, take_whole
from data_access.extract.together import put_together
from data_access.facts import spans_of
from data_access.loading.progress import meanwhile
from data_access.mapped import unmapped_words
from data_access.mappings.live import Unmapped
from data_access.place import Place
from data_access.schema import SETTINGS

Done = TypeVar("Done")
Tell = Callable[[lines.Line], None]
LACKING = "lacking"
LOG = logging.getLogger("clientele")
SETTINGS_TYPES = {"data_as_of": "TIMESTAMP", "fiscal_year_start_month": "INTEGER", "week_start": "INTEGER"}


@dataclass(frozen=True)
class Job:
    """What is asked for. `is_full`: everything anew, whatever is there."""

    place: Place
    target: Path
    is_full: bool = False


@dataclass(frozen=True)
class Extracted:
    """What was done: how each table was taken, and by which way its rows came.

    `drawn` are the tables of several databases that `tables` were put together of.
    """

    target: Path
    origin: Origin
    tables: tuple[Taken, ...]
    way: str = ""
    kept: tuple[str, ...] = ()
    lacking: Mapping[str, ClienteleError] = field(default_factory=dict)
    drawn: tuple[Taken, ...] = ()

    @property
    def rows(self) -> int:
        return sum(one.rows or 0 for one in self.tables)


def extract(job: Job, tell: Tell = lambda line: None, now: datetime | None = None) -> Extracted:
    """Take a place into a file. Raises ClienteleError, and leaves the file as it was, when it cannot be done."""
    refuse_unextractable(job.place)
    for part in job.place.parts:
        _refuse_itself(part.url, job.target)
    plan = make_plan(job.place)
    try:
        return _extract(job, plan, tell, (now or datetime.now(UTC)).replace(tzinfo=None))
    except duckdb.Error as fault:
        raise SourceError(
            f"{job.target} cannot be written ({_first_line(fault)}); nothing was replaced.",
            key="source_unreadable",
            path=str(job.target),
        ) from fault
    except OSError as fault:
        raise SourceError(
            f"{fault.filename or job.target} cannot be written ({fault.strerror or fault}); nothing was replaced.",
            key="source_unreadable",
            path=str(job.target),
        ) from fault


def _refuse_itself(url: URL, target: Path) -> None:
    if engines.is_file(url) and Path(url.database or "").resolve() == target.resolve():
        raise SourceError(f"{target} is the source itself; name another file with `--into`.")


def _extract(job: Job, plan: Plan, tell: Tell, now: datetime) -> Extracted:
    origin = Origin(
        source=", ".join(failures.where(one.place.url) for one in plan.drawn),
        mapping=plan.mapping,
        mapping_hash=plan.mapping_hash,
        place=place_hash(job.place),
        plan=plan.fingerprint,
        mode=FULL,
        read_at=now,
    )
    by_changes = not job.is_full and any(not one.whole for one in plan.tables)
    with open_building(job.target, origin, job.is_full, by_changes) as building:
        tell(_beginning(building, plan))
        ways = [_draw(building, one, tell) for one in plan.drawn]
        drawn = tuple(written_tables(building.connection).values())
        tables = tuple(put_together(building, plan, tell)) if plan.joined else drawn
        for name in plan.without.tables:
            note(building.connection, Taken(name, None, None, LACKING, None))
        note_without(building.connection, plan.without)
        note_words(building.connection, _words(plan))
        _finish(building, plan)
        return Extracted(
            job.target,
            building.origin,
            tables,
            ", ".join(dict.fromkeys(ways)),
            tuple(building.kept),
            plan.without.tables,
            drawn if plan.joined else (),
        )


def _beginning(building: Building, plan: Plan) -> lines.Line:
    if building.kept:
        return lines.going_on(len(building.kept), len(plan.tables))
    if plan.joined:
        return lines.APART
    return lines.CHANGES if building.holds_last else lines.ALL


def _draw(building: Building, drawn: Drawn, tell: Tell) -> str:
    """Take every table of one database that is not there yet, in one snapshot; gives its way. Raises SourceError."""
    url, names = drawn.place.url, ", ".join(drawn.names)
    if names:
        tell(lines.drawn_from(failures.where(url), names))
    try:
        with open_snapshot(drawn.place, drawn.family) as snapshot:
            if names:
                note_part(building.connection, PartOrigin(names, failures.where(url), snapshot.way, _now()))
            _take_all(building, drawn.tables, snapshot, tell)
            return snapshot.way
    except SourceBrokeOffError as fault:
        raise _source_failed(fault, url) from fault


def _take_all(building: Building, tables: Sequence[Planned], snapshot: Snapshot, tell: Tell) -> None:
    """Every table that is not there yet, each in a transaction of its own."""
    if building.holds_last:
        for table in tables:
            if not table.whole:
                changes.remember(building.connection, table)
    for table in tables:
        if table.name not in building.kept:
            _take(building, table, snapshot, tell)


def _take(building: Building, table: Planned, snapshot: Snapshot, tell: Tell) -> None:
    began, connection, watch = time.monotonic(), building.connection, list[Incoming]()

    def look(seconds: float) -> None:
        tell(lines.under_way(table.name, sum(one.rows for one in watch), seconds))

    with meanwhile(look):
        taken = _by_changes(building, table, snapshot, watch) if building.holds_last and not table.whole else None
        why = taken if isinstance(taken, str) else table.whole
        if not isinstance(taken, Taken):
            rows = _in_one(connection, lambda: take_whole(connection, table, snapshot, watch))
            taken = Taken(table.name, rows, rows, FULL, _now(), None, why)
        taken = replace(taken, seconds=round(time.monotonic() - began, 3))
        note(connection, taken)
        connection.execute("CHECKPOINT")
    tell(lines.taken(taken, taken.mode == CHANGES))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _by_changes(building: Building, table: Planned, snapshot: Snapshot, watch: list[Incoming]) -> Taken | str:
    """How it was taken, or why it cannot be taken so."""
    connection = building.connection
    try:
        rows, changed = _in_one(connection, lambda: changes.take_changes(connection, table, snapshot, watch))
    except changes.NotByChangesError as fault:
        return str(fault)
    return Taken(table.name, rows, changed, CHANGES, _now())


def _in_one(connection: duckdb.DuckDBPyConnection, work: Callable[[], Done]) -> Done:
    """All of it or nothing."""
    connection.execute("BEGIN TRANSACTION")
    try:
        done = work()
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return done


# -- the end --------------------------------------------------------------------------------------------------------
def _words(plan: Plan) -> list[Unmapped]:
    """The words that no value map knows. They are said beside figures and are none: an extract goes on without them."""
    if not plan.mapping:
        return []
    told = {column.name: getattr(plan.settings, column.name) for column in SETTINGS.columns}
    settings = {name: one for name, one in told.items() if one is not None}
    try:
        if not plan.joined:
            return _words_at(plan.place, settings)
        return [replace(one, of=part.mapping) for part in plan.place.parts for one in _words_at(part, settings)]
    except ClienteleError as fault:
        LOG.warning("Words that no value map knows cannot be told: %s", fault)
        return []


def _words_at(place: Place, settings: Mapping[str, Any]) -> list[Unmapped]:
    with proven(place) as connection:
        return unmapped_words(connection, place, settings)


def _finish(building: Building, plan: Plan) -> None:
    """Write the settings, with the moment up to which the data are complete, and close the record."""
    settings = replace(plan.settings, data_as_of=plan.settings.data_as_of or _last_moment(building, plan))
    columns = ", ".join(f'"{c.name}" {SETTINGS_TYPES.get(c.name, "VARCHAR")}' for c in SETTINGS.columns)
    values = [getattr(settings, c.name) for c in SETTINGS.columns]
    building.connection.execute(f"CREATE OR REPLACE TABLE settings ({columns})")
    building.connection.execute(f"INSERT INTO settings VALUES ({', '.join('?' * len(values))})", values)
    close_record(building.connection, building.origin.mode, _now())


def _last_moment(building: Building, plan: Plan) -> datetime | None:
    """As a live database has it: the last moment at which anything happened until now."""
    if not plan.mapping:
        return None
    building.close()
    engine = engines.create(URL.create("duckdb", database=str(building.path)))
    try:
        with engine.connect() as connection:
            spans = spans_of(lambda query: connection.execute(query).all(), plan.columns, building.origin.read_at)
    finally:
        engine.dispose()
    building.connection = open_file(building.path)
    return max((high for _, high in spans.values()), default=None)


# -- what went wrong ------------------------------------------------------------------------------------------------
def _source_failed(fault: SourceBrokeOffError, url: URL) -> SourceError:
    found = failures.explain(fault.__cause__ or fault, url)
    return SourceError(
        f"{found}; nothing was replaced, and the same command goes on with the tables that are complete.",
        key=found.key,
        **found.gaps,
    )


def _first_line(fault: Any) -> str:
    return str(fault).splitlines()[0] if str(fault) else type(fault).__name__
