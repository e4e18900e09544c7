"""Rows per second of an extract of order lines, beside two ways by rows: SQLAlchemy's rows, and pandas over them.

The lines of the company that is measured are put into a SQLite file, and into PostgreSQL where a database for it is
named; an extract takes them from there. Each run is a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Numeric,
    Select,
    Table,
    column,
    create_engine,
    insert,
    inspect,
    select,
    table,
)

from bench.table import Line
from data_access import engines
from data_access.extract.run import Job, extract
from data_access.place import Place, find_place
from data_access.schema import TABLES

TABLE = "order_items"
COLUMNS = (
    "order_item_id", "order_id", "product_id", "description", "quantity", "unit_price", "discount", "net", "net_base",
)  # fmt: skip
SAMPLE = 200_000  # rows that go the way by rows
CHUNK = 50_000
BLOCK = 2**20  # bytes
FASTER = 5.0  # times SQLAlchemy's rows, by CPU


@dataclass(frozen=True)
class Took:
    """What a way took: rows, seconds by the clock, seconds of its own CPU, the peak of its memory in bytes."""

    rows: int
    wall: float
    cpu: float
    peak: int

    @property
    def per_cpu(self) -> float:
        return self.rows / self.cpu


def measure(company: Path, runs: int, postgres: str = "") -> Iterator[Line]:
    """One line per source."""
    with tempfile.TemporaryDirectory(prefix="extract-bench-") as name:
        folder = Path(name)
        with _sqlite(company, folder) as place:
            yield _line("SQLite", place, folder, runs)
        if postgres:
            with _postgresql(company, postgres) as place:
                yield _line("PostgreSQL", place, folder, runs)


def _line(name: str, place: Place, folder: Path, runs: int) -> Line:
    ours = _least(by_extract, place, folder, runs)
    rows, pandas = (_least(way, place, folder, 2) for way in (by_rows, by_pandas))
    figures = {
        "rows/s": f"{ours.rows / ours.wall:,.0f}",
        "rows/CPU s": f"{ours.per_cpu:,.0f}",
        "by rows": f"{rows.per_cpu:,.0f}",
        "times": f"{ours.per_cpu / rows.per_cpu:.1f}",
        "by pandas": f"{pandas.per_cpu:,.0f}",
        "times ": f"{ours.per_cpu / pandas.per_cpu:.1f}",
        "peak MB": f"{ours.peak / 2**20:,.0f}",
    }
    is_met = ours.per_cpu >= FASTER * rows.per_cpu
    return Line(f"extract of {ours.rows:,} lines: {name}"[:34], figures, is_met)


def _least(way: Callable[[Place, Path], Took], place: Place, folder: Path, runs: int) -> Took:
    return min((_apart(way, place, folder) for _ in range(runs)), key=lambda took: took.cpu)


def _apart(way: Callable[[Place, Path], Took], place: Place, folder: Path) -> Took:
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_as_a_program) as process:
        return process.submit(way, place, folder).result()


def _as_a_program() -> None:
    """DuckDB draws a bar in a process whose main module is no file: it takes it for somebody's console."""
    sys.modules["__main__"].__file__ = __file__


def by_extract(place: Place, folder: Path) -> Took:
    """Our way."""
    target = folder / "taken.duckdb"
    target.unlink(missing_ok=True)
    return _timed(lambda: extract(Job(place, target)).rows)


def by_rows(place: Place, folder: Path) -> Took:
    """SQLAlchemy's rows as dicts, amounts as exact as ours, as far as the sample goes."""

    def chunks(connection: Connection, query: Select[Any]) -> Iterator[pd.DataFrame]:
        for rows in connection.execute(query).mappings().partitions(CHUNK):
            yield pd.DataFrame([dict(row) for row in rows])

    return _timed(lambda: _copied(place, folder, chunks))


def by_pandas(place: Place, folder: Path) -> Took:
    """The same through pandas, which makes floats of amounts."""
    return _timed(
        lambda: _copied(place, folder, lambda connection, query: pd.read_sql(query, connection, chunksize=CHUNK))
    )


def _copied(place: Place, folder: Path, chunks: Callable[[Connection, Select[Any]], Iterator[pd.DataFrame]]) -> int:
    target = folder / "rows.duckdb"
    target.unlink(missing_ok=True)
    rows, engine = 0, engines.create(place.url)
    columns: list[Any] = [column(name) for name in COLUMNS]
    query = select(*columns).select_from(table(TABLE)).limit(SAMPLE)
    with engine.connect() as connection, duckdb.connect(str(target)) as file:
        file.execute("SET pandas_analyze_sample = 0")  # amounts of other rows may be longer than those looked at
        for chunk in chunks(connection, query):
            file.register("chunk", chunk)
            file.execute(f"{'INSERT INTO lines' if rows else 'CREATE TABLE lines AS'} SELECT * FROM chunk")
            rows += len(chunk)
    engine.dispose()
    return rows


def _timed(work: Callable[[], int]) -> Took:
    cpu, wall = time.process_time(), time.perf_counter()
    rows = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Took(rows, wall, cpu, _peak())


def _peak() -> int:
    """The most memory that this process had; Linux' `ru_maxrss` would count that of the process that began it."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [one for one in status.read_text("utf-8").splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


# -- the sources ----------------------------------------------------------------------------------------------------
@contextmanager
def _sqlite(company: Path, folder: Path) -> Iterator[Place]:
    path = folder / "lines.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    lines = _made(engine)
    with engine.begin() as connection:
        for rows in _rows(company, lines):
            connection.execute(insert(lines), rows)
    engine.dispose()
    yield find_place(str(path))


def _made(engine: Engine) -> Table:
    columns = (Column(c.name, c.type, primary_key=c.primary_key) for c in TABLES[TABLE].columns if c.name in COLUMNS)
    lines = Table(TABLE, MetaData(), *columns)
    lines.create(engine)
    return lines


def _rows(company: Path, lines: Table) -> Iterator[list[dict[str, Any]]]:
    """The company's lines, some at a time; amounts as floats, as SQLite keeps them."""
    cells = (f"CAST({c.name} AS DOUBLE) AS {c.name}" if isinstance(c.type, Numeric) else c.name for c in lines.columns)
    with duckdb.connect(str(company), read_only=True) as file:
        for batch in file.execute(f"SELECT {', '.join(cells)} FROM {TABLE}").to_arrow_reader(CHUNK):
            yield batch.to_pylist()


@contextmanager
def _postgresql(company: Path, url: str) -> Iterator[Place]:
    """A table of the named database, which is taken away again."""
    place = find_place(url)
    engine = create_engine(place.url)
    if inspect(engine).has_table(TABLE):
        sys.exit(f"--postgres: the database has a table `{TABLE}` already; name an empty one.")
    lines = _made(engine)
    try:
        with engine.begin() as connection:
            _copy(connection, company)
        yield replace(place, allow_writing_account=place.url.username or "")
    finally:
        lines.drop(engine)
        engine.dispose()


def _copy(connection: Connection, company: Path) -> None:
    names = ", ".join(COLUMNS)
    driver: Any = connection.connection.driver_connection
    with tempfile.TemporaryDirectory() as folder, driver.cursor() as cursor:
        path = Path(folder) / "lines.csv"
        with duckdb.connect(str(company), read_only=True) as file:
            file.execute(f"COPY (SELECT {names} FROM {TABLE}) TO '{path}' (HEADER false)")
        with cursor.copy(f"COPY {TABLE} ({names}) FROM STDIN (FORMAT csv)") as copy, path.open("rb") as sent:
            while block := sent.read(BLOCK):
                copy.write(block)
