"""An extract, from a place to a file: the line that each one follows.

    plan -> the file under construction (new, gone on with, or a copy of the last one) -> one snapshot of the source
    -> table by table, whole or by changes -> settings, record -> swap the file in

Nothing but the last step touches the target, and nothing at all is written to the source.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from sqlalchemy import URL

from data_access import engines, failures
from data_access.account import proven
from data_access.errors import SourceError
from data_access.extract import changes
from data_access.extract.file import CHANGES, FULL, Building, open_building, open_file
from data_access.extract.plan import Plan, Planned, make_plan, place_hash, refuse_unextractable
from data_access.extract.record import Origin, Taken, close_record, note
from data_access.extract.sources import Snapshot, SourceBrokeOffError, open_snapshot
from data_access.extract.tables import Incoming, take_whole
from data_access.facts import spans_of
from data_access.loading.progress import silent, step
from data_access.place import Place
from data_access.schema import SETTINGS

Done = TypeVar("Done")
LACKING = "lacking"
SETTINGS_TYPES = {"data_as_of": "TIMESTAMP", "fiscal_year_start_month": "INTEGER", "week_start": "INTEGER"}


@dataclass(frozen=True)
class Job:
    """What is asked for. `is_full`: everything anew, whatever is there."""

    place: Place
    target: Path
    is_full: bool = False


@dataclass(frozen=True)
class Extracted:
    """What was done: how each table was taken, and by which way its rows came."""

    target: Path
    origin: Origin
    tables: tuple[Taken, ...]
    way: str = ""
    kept: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(one.rows or 0 for one in self.tables)


def extract(job: Job, tell: Callable[[str], None] = silent, now: datetime | None = None) -> Extracted:
    """Take a place into a file. Raises ClienteleError, and leaves the file as it was, when it cannot be done."""
    url = job.place.url
    refuse_unextractable(url)
    _refuse_itself(url, job.target)
    plan = _plan(job.place)
    try:
        return _extract(job, plan, tell, (now or datetime.now(UTC)).replace(tzinfo=None))
    except SourceBrokeOffError as fault:
        raise _source_failed(fault, url) from fault
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


def _plan(place: Place) -> Plan:
    with proven(place) as connection:
        return make_plan(connection, place, failures.where(place.url))


def _extract(job: Job, plan: Plan, tell: Callable[[str], None], now: datetime) -> Extracted:
    origin = Origin(
        source=failures.where(job.place.url),
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
        with open_snapshot(job.place, plan.family) as snapshot:
            tables = _take_all(building, plan, snapshot, tell)
            way = snapshot.way
        _finish(building, plan)
        return Extracted(job.target, building.origin, tuple(tables), way, tuple(building.kept), dict(plan.lacking))


def _beginning(building: Building, plan: Plan) -> str:
    if building.kept:
        return f"Going on with what was broken off: {len(building.kept)} of {len(plan.tables)} tables are there."
    return "Taking what has changed since the last time." if building.holds_last else "Taking everything."


def _take_all(building: Building, plan: Plan, snapshot: Snapshot, tell: Callable[[str], None]) -> list[Taken]:
    """Every table that is not there yet, each in a transaction of its own."""
    if building.holds_last:
        for table in plan.tables:
            if not table.whole:
                changes.remember(building.connection, table)
    taken = [building.kept.get(one.name) or _take(building, one, snapshot, tell) for one in plan.tables]
    for name, why in plan.lacking.items():
        note(building.connection, Taken(name, None, None, LACKING, None, None, why))
    return taken


def _take(building: Building, table: Planned, snapshot: Snapshot, tell: Callable[[str], None]) -> Taken:
    began, connection, watch = time.monotonic(), building.connection, list[Incoming]()

    def far() -> str:
        return f" {sum(one.rows for one in watch):,} rows" if watch else ""

    with step(tell, table.name, connection, far=far) as say:
        taken = _by_changes(building, table, snapshot, watch) if building.holds_last and not table.whole else None
        why = taken if isinstance(taken, str) else table.whole
        if not isinstance(taken, Taken):
            rows = _in_one(connection, lambda: take_whole(connection, table, snapshot, watch))
            taken = Taken(table.name, rows, rows, FULL, _now(), None, why)
        taken = replace(taken, seconds=round(time.monotonic() - began, 3))
        note(connection, taken)
        connection.execute("CHECKPOINT")
        say(_outcome(taken))
    return taken


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


def _outcome(taken: Taken) -> str:
    if taken.mode == CHANGES:
        return f"{taken.name}: {taken.changed:,} of {taken.rows:,} rows"
    return f"{taken.name}: {taken.rows:,} rows"


# -- the end --------------------------------------------------------------------------------------------------------
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
    columns = {table.name: frozenset(cell.name for cell in table.cells) for table in plan.tables}
    try:
        with engine.connect() as connection:
            spans = spans_of(lambda query: connection.execute(query).all(), columns, building.origin.read_at)
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
