"""What has to be said beside every figure that is made of a table: what it goes without, words nobody has translated.

A remark names tables; `metrics/answers.py` puts it among the notes of every answer that read one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import column as named
from sqlalchemy import table as of_name

from data_access.errors import ClienteleError, SourceError
from data_access.mappings.live import NO_TABLE, Unmapped
from data_access.rights import RIGHTS, Seen
from data_access.schema import TABLES

# Tables that figures of other tables look into in passing, and those others.
BESIDE = {
    "customers": frozenset(name for name, table in TABLES.items() if "customer_id" in table.c and name != "customers"),
    "fx_rates": frozenset({"orders", "opportunities"}),
    "stage_history": frozenset({"opportunities"}),
    "targets": frozenset({"orders"}),
}
# Columns of which is said what becomes of a row whose word no map knows; of the same words the first is told.
SPOKEN_OF = (
    ("orders", "status"),
    ("opportunities", "outcome"),
    ("pipelines_stages", "outcome"),
    ("stage_history", "outcome"),
    ("leads", "status"),
    ("surveys", "kind"),
)
IMPORTED = {"unmapped_value": "words_left_out_by_import", "unmapped_cleared": "words_emptied_by_import"}


@dataclass(frozen=True)
class Remark:
    """`note.<key>` with its gaps, for every figure that reads one of `tables`."""

    key: str
    tables: frozenset[str]
    gaps: tuple[tuple[str, Any], ...]

    def is_about(self, tables: Iterable[str]) -> bool:
        return not self.tables.isdisjoint(tables)


def of_lacking_rights(
    barred: Mapping[str, SourceError], columns: Mapping[tuple[str, str], SourceError], unseen: Mapping[str, Any]
) -> Iterator[Remark]:
    """What figures go without because the account lacks a right, though they can be told."""
    for name, fault in barred.items():
        if name in BESIDE and (name == "customers" or fault.key != "source_not_shown"):
            yield _remark("table_not_readable", BESIDE[name], fault, name)
    for (table, column), fault in columns.items():
        yield _remark("column_not_readable", frozenset({table}), fault, f"{table}.{column}")
    for table, faults in unseen.items():
        for fault in faults:
            yield _remark("source_not_shown", frozenset({table}), fault, table)


def of_lacking(lacking: Mapping[str, ClienteleError]) -> Iterator[Remark]:
    """What figures go without because a mapping cannot make a table, though they can be told."""
    for name, why in lacking.items():
        if name in BESIDE and (name == "customers" or why.key not in (*RIGHTS, NO_TABLE)):
            yield Remark("table_not_made", BESIDE[name], (("table", name), ("why", why)))


def _remark(key: str, tables: frozenset[str], fault: SourceError, name: str) -> Remark:
    gaps = {"table": str(fault.gaps.get("table", name)), "user": str(fault.gaps.get("user", ""))}
    grant = str(fault.gaps.get("grant", ""))
    if not grant:
        return Remark(f"{key}_at_all", tables, (("table", gaps["table"]),))
    return Remark(key, tables, tuple(sorted({**gaps, "grant": grant}.items())))


def of_words(unmapped: Iterable[Unmapped], sees_all: bool) -> Iterator[Remark]:
    """Words that no value map knows: how many rows hold them, what becomes of these rows, and where to tell them.

    A word is told once, of the table that comes first in `SPOKEN_OF`. Who may not see all rows is not told which.
    """
    told: dict[str, set[str]] = defaultdict(set)
    for one in sorted(unmapped, key=lambda one: (_rank(one), one.table, one.column)):
        section = f"of.{one.of}.{one.section}" if one.of else one.section
        words = [word for word in one.values if word not in told[section]]
        told[section].update(words)
        if words:
            yield _of_words(one, words, section) if sees_all else _somewhere(one)


def _rank(one: Unmapped) -> int:
    place = (one.table, one.column)
    return SPOKEN_OF.index(place) if place in SPOKEN_OF else len(SPOKEN_OF)


def _of_words(one: Unmapped, words: Sequence[str], section: str) -> Remark:
    is_known = (one.table, one.column) in SPOKEN_OF
    gaps = {"n": sum(one.values[word] for word in words), "words": tuple(words), "section": section}
    more = {} if is_known else {"table": one.table, "column": one.column}
    key = f"words_{one.table}_{one.column}" if is_known else "words_elsewhere"
    return Remark(key, frozenset({one.table}), tuple(sorted({**gaps, **more}.items())))


def _somewhere(one: Unmapped) -> Remark:
    return Remark("words_somewhere", frozenset({one.table}), (("column", one.column), ("table", one.table)))


def of_import(connection: Connection, columns: Mapping[str, frozenset[str]]) -> Iterator[Remark]:
    """What the import has left out, or emptied, because no value map of its mapping knew a word."""
    names = ("rule", "table", "column", "count", "example")
    if not columns.get("import_log", frozenset()).issuperset(names):
        return
    parts: list[Any] = [named(name) for name in names]
    log = select(*parts).select_from(of_name("import_log"))
    for row in connection.execute(log.where(named("rule").in_(list(IMPORTED)))).mappings():
        about = {name: str(row[name]) for name in ("table", "column", "example")}
        gaps: dict[str, Any] = {"n": int(row["count"]), **about}
        yield Remark(IMPORTED[row["rule"]], frozenset({about["table"]}), tuple(sorted(gaps.items())))


def barred_columns(seen: Seen, tables: Iterable[str]) -> dict[tuple[str, str], SourceError]:
    """The columns of canonical tables that may be empty but are not there to be read, and why."""
    return {
        (name, column.name): fault
        for name in tables
        for column in TABLES[name].columns
        if column.name not in seen.tables.get(name, ()) and (fault := seen.bars(name, column.name)) is not None
    }
