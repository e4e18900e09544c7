"""Rows per second of an import, beside DuckDB's own `read_csv` of the same file; measured by bench/import_csv.py."""

from __future__ import annotations

from collections.abc import Iterator

from bench.import_csv import compare
from bench.table import Line

TIMES = 2


def measure(rows: int) -> Iterator[Line]:
    """One line per kind of file."""
    for name, (theirs, ours) in compare(rows, TIMES, say=_quiet).items():
        figures = {
            "rows/s": f"{ours.rows / ours.wall:,.0f}",
            "read_csv": f"{theirs.rows / theirs.wall:,.0f}",
            "CPU s": f"{ours.cpu:.1f}",
            "its CPU s": f"{theirs.cpu:.1f}",
        }
        yield Line(f"import of {ours.rows:,} rows: {name}"[:34], figures)


def _quiet(_text: str) -> None:
    """The table shows what it would say."""
