"""The demo company: a believable company made inside DuckDB, with known effects planted in it.

    truths = create_demo(Path("demo.duckdb"))        # 8,000 customers, 50,000 orders, three years
    truths.growing_region                            # what its pages ought to find

The same (scale, seed, null) gives the same rows, whatever the number of threads. The SQL is in `sql/`, in the order in
which it runs: files 0x make what does not grow with the company, files 1x and 20 run once for each chunk of customers,
so that a company of any size is made in the same memory, files 3x end it. `docs/demo.md` describes the company.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from data_access.demo.plan import Plan
from data_access.demo.tables import create_tables, literal
from data_access.demo.truths import Truths
from data_access.demo.truths_of import truths_of
from data_access.errors import QuestionError, SourceError

__all__ = ["DEFAULT_SEED", "Truths", "create_demo", "load_truths"]

DEFAULT_SEED = 20260618
# Below this size one thread is faster than several: they spend more time waiting for each other than they save.
CUSTOMERS_FOR_ONE_THREAD = 20_000
CUSTOMERS_PER_CHUNK = 60_000  # a multiple of 100: parent companies are found within a hundred
SETTINGS: dict[str, str] = {"memory_limit": "3GB"}
SQL_FOLDER = Path(__file__).parent / "sql"

Progress = Callable[[str, float], None]


def create_demo(
    path: Path,
    *,
    scale: float = 1.0,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    null: bool = False,
) -> Truths:
    """Write a demo company to a DuckDB file and say what was planted in it.

    `scale` 1 is about 8,000 customers, 50,000 orders and 180,000 order lines; 55 is 10 million lines. `null` makes a
    company in which nothing changes and no effect exists. `progress` receives the present step and the share done.
    The file appears whole or not at all; an existing one is replaced.
    """
    if not scale > 0:
        raise QuestionError(
            f"A demo company of scale {scale} was asked for; give a number above 0 (1: 8,000 customers)."
        )
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _removed_afterwards(unfinished):
            truths = _write(unfinished, Plan(scale, seed, null), progress or (lambda step, share: None))
            os.replace(unfinished, path)
    except (OSError, duckdb.IOException) as error:
        raise SourceError(f"The demo company cannot be written to `{path}` ({error}); name another place.") from error
    return truths


def load_truths(path: Path) -> Truths:
    """What was planted in the demo company of a file."""
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return Truths.from_json(dict(connection.execute("select name, value from demo_truths").fetchall()))
    except duckdb.Error as error:
        raise SourceError(
            f"`{path}` was asked for the truths of a demo company but holds none; make one with "
            "`python -m data_access demo --into FILE`."
        ) from error


def _write(file: Path, plan: Plan, progress: Progress) -> Truths:
    with _database(file) as connection:
        if plan.customers <= CUSTOMERS_FOR_ONE_THREAD:
            connection.execute("set threads = 1")
        for share, step in _steps(connection, plan):
            progress(step, share)
        truths = truths_of(connection, plan)
        _create_filled(connection, "table demo_truths (name varchar, value json)", truths.to_json())
        progress("done", 1.0)
    return truths


@contextmanager
def _removed_afterwards(file: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for leftover in (file, Path(f"{file}.wal")):
            leftover.unlink(missing_ok=True)


@contextmanager
def _database(file: Path) -> Iterator[DuckDBPyConnection]:
    """A new file whose intermediate results are spilled beside it when memory runs short."""
    spill = Path(f"{file}.spill")
    try:
        with duckdb.connect(str(file), config={**SETTINGS, "temp_directory": str(spill)}) as connection:
            connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")  # the steps are told instead
            yield connection
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _steps(connection: DuckDBPyConnection, plan: Plan) -> Iterator[tuple[float, str]]:
    """Runs the plan step by step; after each, the share done and the name of the step."""
    connection.execute("begin")
    create_tables(connection)
    connection.execute("commit")
    _define(connection, plan.constants)
    _create_filled(connection, "temp table experiments (campaign_no integer, effect double)", plan.experiments)
    connection.execute("create temp table lift_counts (campaign_no integer, members bigint, brought bigint)")
    yield from _run(connection, "0", 0.0, 0.05)
    chunks = range(1, plan.customers + 1, CUSTOMERS_PER_CHUNK)
    for number, first in enumerate(chunks):
        last = min(first + CUSTOMERS_PER_CHUNK, plan.customers + 1)
        _define(connection, {"first_customer": first, "last_customer": last})
        yield from _run(connection, "12", 0.05 + 0.9 * number / len(chunks), 0.9 / len(chunks))
    yield from _run(connection, "3", 0.95, 0.04)


def _create_filled(connection: DuckDBPyConnection, table: str, rows: Mapping[Any, Any]) -> None:
    """A table of two columns; `executemany` would import pandas first, which takes longer than a small company."""
    name = table.removeprefix("temp ").split()[1]
    values = ", ".join(f"({literal(key)}, {literal(value)})" for key, value in rows.items())
    connection.execute(f"create {table}; insert into {name} values {values}")


def _define(connection: DuckDBPyConnection, constants: dict[str, object]) -> None:
    for name, value in constants.items():
        connection.execute(f"create or replace temp macro {name}() as {literal(value)}")


def _run(connection: DuckDBPyConnection, tens: str, done: float, weight: float) -> Iterator[tuple[float, str]]:
    """Runs the SQL files whose names begin with one of the digits, each in one transaction."""
    files = [(name, text) for name, text in _sql_files() if name[0] in tens]
    for number, (name, text) in enumerate(files, 1):
        connection.execute(f"begin; {text}; commit")
        yield done + weight * number / len(files), name[3:].replace("_", " ")


@cache
def _sql_files() -> list[tuple[str, str]]:
    return [(file.stem, file.read_text("utf-8")) for file in sorted(SQL_FOLDER.glob("*.sql"))]
