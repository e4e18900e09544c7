"""The file under construction: in a folder beside its target, gone on with after a break, swapped in at the end.

    data/company.duckdb                       the target: the old file until the last moment
    data/.extract-company.duckdb/new.duckdb   what is being made; `extract_source` in it says of which plan
    data/.extract-company.duckdb/whole.duckdb where databases are several: what is put together of what is in new.duckdb

The swap is one `os.replace`: whoever reads sees the old file or the new one, and a run that is killed leaves the old.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from data_access.errors import SourceError
from data_access.extract.record import Origin, Taken, open_record, written_origin, written_tables
from data_access.loading.workspace import check_target
from data_access.mappings.functions import text_literal

PREFIX = ".extract-"
MEMORY = os.environ.get("CLIENTELE_MEMORY", "1GB")
WRITERS = 1  # rows come one after another: several threads would cut groups that a checkpoint has to pack anew
GOES_ON_FOR = timedelta(hours=24)  # after which a broken-off run is begun anew
FULL, CHANGES = "full", "changes"
DRAWN = "drawn"


@dataclass
class Building:
    """The file under construction. `kept` are tables that a broken-off run has finished."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    origin: Origin
    kept: dict[str, Taken]

    @property
    def holds_last(self) -> bool:
        """True when it began as a copy of the last extract."""
        return self.origin.mode == CHANGES

    def close(self) -> None:
        """Nothing of it stays in a log."""
        self.connection.execute("CHECKPOINT")
        self.connection.close()

    def go_on_beside(self, origin: Origin) -> None:
        """Go on in a new file, which reads the tables of this one; this one stays for a run that is broken off."""
        self.close()
        drawn, self.path = self.path, self.path.with_name("whole.duckdb")
        _remove(self.path)
        self.connection, self.origin = open_file(self.path, drawn), origin
        open_record(self.connection, origin)


@contextmanager
def open_building(target: Path, origin: Origin, is_full: bool, by_changes: bool) -> Iterator[Building]:
    """A file that replaces `target` when the block ends well; else it waits to be gone on with."""
    check_target(target)
    folder = target.parent / f"{PREFIX}{target.name}"
    folder.mkdir(exist_ok=True)
    path = folder / "new.duckdb"
    building = _begun(path, target, origin, is_full, by_changes)
    try:
        yield building
        building.close()
    finally:
        building.connection.close()
    os.replace(building.path, target)
    shutil.rmtree(folder, ignore_errors=True)


def _begun(path: Path, target: Path, origin: Origin, is_full: bool, by_changes: bool) -> Building:
    if not is_full:
        found = _gone_on(path, origin) or (_copied(path, target, origin) if by_changes else None)
        if found is not None:
            return found
    _remove(path)
    connection = open_file(path)
    open_record(connection, origin)
    return Building(connection, path, origin, {})


def _gone_on(path: Path, origin: Origin) -> Building | None:
    """What a broken-off run of the same plan has left."""

    def fits(found: Origin) -> bool:
        is_young = origin.read_at - found.read_at < GOES_ON_FOR and found.read_at <= origin.read_at
        return found.finished_at is None and found.mode == FULL and found.plan == origin.plan and is_young

    connection = _open_if(path, fits)
    if connection is None:
        return None
    begun = written_origin(connection)
    assert begun is not None
    return Building(connection, path, begun, written_tables(connection))


def _copied(path: Path, target: Path, origin: Origin) -> Building | None:
    """A copy of the last extract, if it is of the same plan."""
    if not target.is_file():
        return None
    _remove(path)
    shutil.copyfile(target, path)
    connection = _open_if(path, lambda found: found.finished_at is not None and found.plan == origin.plan)
    if connection is None:
        return None
    again = Origin(**{**vars(origin), "mode": CHANGES})
    open_record(connection, again)
    return Building(connection, path, again, {})


def _open_if(path: Path, fits: Callable[[Origin], bool]) -> duckdb.DuckDBPyConnection | None:
    """The file, when it is an extract and the right one."""
    if not path.is_file():
        return None
    try:
        connection = open_file(path)
    except duckdb.Error as fault:
        if "lock" in str(fault):
            raise SourceError(
                f"Another extract is being written in {path.parent}; try again when it has finished.",
                key="source_locked",
                path=str(path.parent),
            ) from fault
        return None
    found = written_origin(connection)
    if found is not None and fits(found):
        return connection
    connection.close()
    return None


def open_file(path: Path, beside: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A file of ours, to be written; what it does not hold itself is looked for in the one `beside`."""
    connection = duckdb.connect(
        str(path),
        config={
            "memory_limit": MEMORY,
            "threads": str(WRITERS),
            "temp_directory": str(path.parent / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    if beside is not None:
        connection.execute(f"ATTACH {text_literal(str(beside))} AS {DRAWN} (READ_ONLY)")
        connection.execute(f"SET search_path = '{path.stem}.main,{DRAWN}.main'")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


def _remove(path: Path) -> None:
    for one in (path, path.with_name(path.name + ".wal")):
        one.unlink(missing_ok=True)
