"""Rows per second of an import, beside DuckDB's own `read_csv` of the same file into a table.

    python -m bench.import_csv [--rows 1000000] [--times 3]

Two folders are timed: orders alone (the customers are made from them), and lines with the orders they belong to.
DuckDB's own reading finds out types and copies; the import reads text, checks every cell, key and reference, fills in
what the file leaves out and writes down what it did. Both write a file on the same disk; the best of some runs counts.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data_access.loading import Order, load_folder

ORDERS = """
SELECT 'O' || i AS order_id, 'C' || (hash(i) % ({rows} // 20 + 1)) AS customer_id, 'confirmed' AS status,
    TIMESTAMP '2023-01-01' + to_seconds((hash(i * 5) % 90000000)::BIGINT) AS ordered_at, 'EUR' AS currency,
    {net} AS net
FROM range({rows}) t(i)
"""
NET = "((100 + hash(i * 7) % 9000)::DECIMAL(18, 2) / 100)"
LINES_PER_ORDER = 4
ITEMS = """
SELECT 'I' || i AS order_item_id, 'O' || (i // 4) AS order_id, 'Product ' || (hash(i) % 1000) AS description,
    1 + hash(i * 3) % 5 AS quantity, 2.5 AS unit_price, 0 AS discount, (1 + hash(i * 3) % 5) * 2.5 AS net
FROM range({rows}) t(i)
"""
SUMS = "(SELECT order_id, sum(net) AS net FROM ({items}) GROUP BY order_id)"


@dataclass(frozen=True)
class Timing:
    """Rows per second, by wall clock and by processor time."""

    rows: int
    wall: float
    cpu: float

    def line(self, name: str) -> str:
        """One line of the table."""
        return f"{name:<34} {self.rows / self.wall:>12,.0f} {self.wall:>8.2f} {self.cpu:>8.2f}"


def write_orders(folder: Path, rows: int) -> Path:
    """A folder with orders.csv."""
    folder.mkdir()
    path = folder / "orders.csv"
    duckdb.execute(f"COPY ({ORDERS.format(rows=rows, net=NET)}) TO '{path}' (HEADER)")
    return path


def write_lines(folder: Path, rows: int) -> Path:
    """A folder with order_items.csv and the orders.csv that it belongs to."""
    folder.mkdir()
    items, orders = ITEMS.format(rows=rows), ORDERS.format(rows=rows // LINES_PER_ORDER, net="0")
    path = folder / "order_items.csv"
    duckdb.execute(f"COPY ({items}) TO '{path}' (HEADER)")
    matched = f"SELECT o.* REPLACE (s.net AS net) FROM ({orders}) o JOIN {SUMS.format(items=items)} s USING (order_id)"
    duckdb.execute(f"COPY ({matched}) TO '{folder / 'orders.csv'}' (HEADER)")
    return path


def native(folder: Path, scratch: Path) -> None:
    """DuckDB's own way: each file into a table of a new database."""
    target = scratch / "native.duckdb"
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as connection:
        for path in sorted(folder.glob("*.csv")):
            connection.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM read_csv('{path}')")
        connection.execute("CHECKPOINT")


def ours(folder: Path, scratch: Path) -> None:
    """The import."""
    load_folder(Order(folder, scratch / "ours.duckdb"))


def measure(work: Callable[[Path, Path], None], folder: Path, scratch: Path, rows: int, times: int) -> Timing:
    """The best of some runs."""
    best = Timing(rows, float("inf"), float("inf"))
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work(folder, scratch)
        now = Timing(rows, time.perf_counter() - wall, time.process_time() - cpu)
        best = min(best, now, key=lambda one: one.wall)
    return best


def compare(rows: int, times: int, say: Callable[[str], None] = print) -> dict[str, tuple[Timing, Timing]]:
    """Time both ways on both folders and print a table."""
    scratch = Path(tempfile.mkdtemp(prefix="import-bench-"))
    results = {}
    try:
        say(f"{'':<34} {'rows/s':>12} {'wall s':>8} {'cpu s':>8}")
        for name, make in (("orders", write_orders), ("order_items and orders", write_lines)):
            path = make(scratch / name.split()[0], rows)
            total = rows if name == "orders" else rows + rows // LINES_PER_ORDER
            theirs, mine = (measure(work, path.parent, scratch, total, times) for work in (native, ours))
            results[name] = (theirs, mine)
            say(theirs.line(f"{name}: DuckDB read_csv"))
            say(mine.line(f"{name}: import"))
            say(f"{'':<34} {theirs.wall / mine.wall:>12.0%} of its speed by wall, {theirs.cpu / mine.cpu:.0%} by cpu")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return results


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.import_csv", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    choice = parser.parse_args()
    compare(choice.rows, choice.times)
    return 0


if __name__ == "__main__":
    sys.exit(main())
