"""How far an extract is, line by line: each in English for the command line, and as a key with gaps for pages.

A line's words in the viewer's language are `page.setup.line.<key>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_access.extract.record import Taken


@dataclass(frozen=True)
class Line:
    """One line."""

    text: str
    key: str
    gaps: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


ALL = Line("Taking everything.", "all")
APART = Line("Taking everything: rows of several databases are put together, which takes them whole.", "apart")
TOGETHER = Line("Put together:", "together")
CHANGES = Line("Taking what has changed since the last time.", "changes")


def going_on(done: int, tables: int) -> Line:
    """The first line of a run that goes on with a broken-off one."""
    text = f"Going on with what was broken off: {done} of {tables} tables are there."
    return Line(text, "going_on", {"done": done, "tables": tables})


def drawn_from(source: str, mappings: str) -> Line:
    """The first line of one of several databases."""
    return Line(f"From {source} ({mappings}):", "drawn_from", {"source": source, "mappings": mappings})


def under_way(table: str, rows: int, seconds: float) -> Line:
    """A table that is being taken."""
    text = f"  {table} ...{f' {rows:,} rows' if rows else ''} ({seconds:.0f} s)"
    return Line(text, "under_way", {"table": table, "rows": rows, "seconds": round(seconds)})


def taken(table: Taken, is_by_changes: bool) -> Line:
    """A table that is there."""
    seconds, changed = table.seconds or 0.0, f"{table.changed:,} of " if is_by_changes else ""
    gaps = {"table": table.name, "rows": table.rows, "changed": table.changed, "seconds": round(seconds, 1)}
    text = f"  {table.name}: {changed}{table.rows:,} rows ({seconds:.1f} s)"
    return Line(text, "taken_changes" if is_by_changes else "taken", gaps)
