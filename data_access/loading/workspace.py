"""Where a load is built: a folder of its own beside the target, put in the target's place only when all is well.

The result is a DuckDB file of its own until the last step, which is one `os.replace`: a reader sees the old file or
the new one, and a load that fails, or is killed, leaves the old one untouched.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data_access.engines import DUCKDB_MAGIC
from data_access.errors import ImportRefusedError

PREFIX = ".import-"


@dataclass(frozen=True)
class Workspace:
    """The connection to the result under construction, with the staging database attached as `stage`."""

    connection: duckdb.DuckDBPyConnection
    scratch: Path
    result: Path

    def lock(self) -> None:
        """From here on no SQL can read or write a file, nor undo this."""
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")


@contextmanager
def open_workspace(target: Path) -> Iterator[Workspace]:
    """A workspace whose result replaces `target` when the block ends well."""
    check_target(target)
    _clear_leftovers(target)
    scratch = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{target.name}-{os.getpid()}-", dir=target.parent))
    result = scratch / "result.duckdb"
    try:
        connection = _connect(result, scratch)
        try:
            yield Workspace(connection, scratch, result)
            connection.execute("DETACH stage")
            connection.execute("CHECKPOINT")
        finally:
            connection.close()
        os.replace(result, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _clear_leftovers(target: Path) -> None:
    """Take away what killed loads of the same target have left."""
    if os.name != "posix":
        return
    for folder in target.parent.glob(f"{PREFIX}{glob.escape(target.name)}-*"):
        number = folder.name.removeprefix(f"{PREFIX}{target.name}-").split("-")[0]
        if number.isdigit() and not _is_running(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _connect(result: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get("CLIENTELE_MEMORY", "4GB"),
        "temp_directory": str(scratch / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(str(result), config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("ATTACH ':memory:' AS stage")
    for schema in ("read", "raw", "typed", "out"):
        connection.execute(f"CREATE SCHEMA stage.{schema}")
    return connection


def check_target(target: Path) -> None:
    """Refuse a place that cannot be written, or a file that no load of ours has made."""
    if target.is_dir():
        raise ImportRefusedError(f"{target} is a folder; name the file to write, such as {target / 'company.duckdb'}.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ImportRefusedError(
            f"There is no folder {target.parent} and none can be made ({fault.strerror}); write the file elsewhere."
        ) from None
    if not os.access(target.parent, os.W_OK):
        raise ImportRefusedError(f"The folder {target.parent} cannot be written to; check who may, or choose another.")
    if target.exists() and target.stat().st_size and _magic(target) != DUCKDB_MAGIC:
        raise ImportRefusedError(f"{target} is not a DuckDB file and will not be overwritten; choose another name.")
    log = target.with_name(target.name + ".wal")
    if log.exists():
        raise ImportRefusedError(
            f"{log} is there: {target.name} is being written, or was not closed well; close what writes it, or open it "
            "once with DuckDB, then load again."
        )


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)[8:12]
