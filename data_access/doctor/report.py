"""What the doctor found, as a value, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from data_access.doctor.taken import Beside, Taking
from data_access.extract.record import Origin


@dataclass(frozen=True)
class TableReport:
    """A table of the source: its rows, what it lacks, what is null in every row.

    `emptied` says of which columns a value map lacks words, so that cells are empty.
    """

    name: str
    rows: int
    missing_columns: tuple[str, ...] = ()
    empty_columns: tuple[str, ...] = ()
    own_columns: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something that is wrong: `count` rows or cells, the first of them as `example`."""

    rule: str
    table: str
    column: str
    count: int
    example: str
    text: str


@dataclass(frozen=True)
class Report:
    """The whole examination. `import_log`, `quarantine` and `repairs` come from the load, if one made the file."""

    source: str
    engine: str
    tables: tuple[TableReport, ...]
    missing_tables: tuple[str, ...]
    settings: Mapping[str, Any]
    problems: tuple[Problem, ...]
    import_log: tuple[Mapping[str, Any], ...] = ()
    quarantine: tuple[Mapping[str, Any], ...] = ()
    repairs: tuple[Mapping[str, Any], ...] = ()
    other_tables: tuple[str, ...] = field(default=())
    extract: Origin | None = None
    not_shown: str = ""
    taken: tuple[Taking, ...] = ()
    beside: Beside | None = None


def as_json(report: Report) -> str:
    """The report as one JSON object."""
    return json.dumps(asdict(report), indent=2, ensure_ascii=False, default=str)


def as_text(report: Report) -> str:
    """The report for people."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.source} ({report.engine})"
    yield ""
    if report.extract is not None:
        yield _origin(report.extract)
        for part in report.extract.parts:
            yield f"  {part.name} from {part.source}, at {part.read_at:%Y-%m-%d %H:%M} UTC."
        if report.beside is not None:
            yield _beside(report.beside)
        yield ""
    yield "Supplies:"
    taken = {one.table: one for one in report.taken}
    for table in report.tables:
        yield f"  {table.name}: {table.rows:,} rows"
        if table.name in taken:
            yield f"    {_taking(taken[table.name])}"
        if table.missing_columns:
            yield f"    lacks {', '.join(table.missing_columns)}"
        if table.empty_columns:
            yield f"    empty in all rows: {', '.join(table.empty_columns)}"
        for words in table.emptied:
            yield f"    empty for want of a word: {words}"
        if table.own_columns:
            yield f"    columns of its own: {', '.join(table.own_columns)}"
    if report.missing_tables:
        yield ""
        yield f"Lacks the tables {', '.join(report.missing_tables)}."
    if report.not_shown:
        yield f"This server does not show what may not be read: {report.not_shown}"
    if report.other_tables:
        yield f"Not canonical, and not read: {', '.join(report.other_tables)}."
    yield ""
    yield "Settings: " + (", ".join(f"{k} = {v}" for k, v in report.settings.items()) or "none")
    yield from _record(report)
    yield ""
    yield "Wrong:" if report.problems else "Nothing is wrong."
    for problem in report.problems:
        yield "  " + _problem(problem)


def _origin(origin: Origin) -> str:
    through = f" through `{origin.mapping}` ({origin.mapping_hash})" if origin.mapping else ""
    seconds = (origin.finished_at - origin.read_at).total_seconds() if origin.finished_at else 0
    how = "whole" if origin.mode == "full" else "by what had changed"
    return f"Taken from {origin.source}{through}, {how}, at {origin.read_at:%Y-%m-%d %H:%M} UTC in {seconds:.0f} s."


def _taking(taking: Taking) -> str:
    """Where the rows come from; a row of the source that makes several is no fault."""
    sources = ", ".join(f"{rows:,} rows in {name}" for name, rows in taking.sources.items())
    if taking.not_taken > 0:
        why = "; ".join(taking.why) or "they have no key"
        return f"of {sources}; {taking.not_taken:,} are not taken ({why})"
    return f"of {sources}" + ("; some make several rows" if taking.not_taken < 0 else "")


def _beside(beside: Beside) -> str:
    """How the extract stands beside its source."""
    if beside.unreached:
        return f"Its rows were not compared with the source's: {beside.unreached}"
    age = f"{beside.hours:,.1f} hours ago"
    if not beside.others:
        return f"Taken {age}; every table has as many rows as the source has now."
    told = "; ".join(f"{name} {file:,} here and {live:,} in the source" for name, (file, live) in beside.others.items())
    return f"Taken {age}; since then: {told}."


def _problem(problem: Problem) -> str:
    place = ".".join(part for part in (problem.table, problem.column) if part)
    example = f", such as {problem.example}" if problem.example else ""
    return f"{problem.rule} {place}: {problem.count:,}{example} ({problem.text})"


def _entry(entry: Mapping[str, Any]) -> str:
    """A line of the load's log; `assumed` and `derived` are actions and rules at once."""
    place = ".".join(str(part) for part in (entry["table"], entry["column"]) if part and part != "*")
    what = entry["action"] if entry["action"] == entry["rule"] else f"{entry['action']} {entry['rule']}"
    if entry["action"] == "assumed":
        return f"{what} {place}: {entry['example']} ({entry['text']})"
    example = f", first {entry['example']}" if entry["example"] else ""
    return f"{what} {place}: {entry['count']:,}{example}"


def _record(report: Report) -> Iterator[str]:
    if not report.import_log:
        return
    yield ""
    yield "The load that made it:"
    for entry in report.import_log:
        yield "  " + _entry(entry)
    for name, rows in (("quarantine", report.quarantine), ("repairs", report.repairs)):
        total = sum(int(row["count"]) for row in rows)
        if total:
            yield f"  the table `{name}` holds {total:,} entries: " + ", ".join(
                f"{row['table']} {row['rule']} {row['count']:,}" for row in rows
            )
