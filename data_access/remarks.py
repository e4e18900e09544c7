"""What has to be said beside every figure that is made of a table: what it goes without, words nobody has translated.

A remark names tables; `metrics/answers.py` puts it among the notes of every answer that read one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data_access.errors import SourceError
from data_access.rights import Seen
from data_access.schema import TABLES

# Tables that figures of other tables look into in passing, and those others.
BESIDE = {
    "customers": frozenset(name for name, table in TABLES.items() if "customer_id" in table.c and name != "customers"),
    "fx_rates": frozenset({"orders", "opportunities"}),
    "stage_history": frozenset({"opportunities"}),
    "targets": frozenset({"orders"}),
}


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


def _remark(key: str, tables: frozenset[str], fault: SourceError, name: str) -> Remark:
    gaps = {"table": str(fault.gaps.get("table", name)), "user": str(fault.gaps.get("user", ""))}
    grant = str(fault.gaps.get("grant", ""))
    if not grant:
        return Remark(f"{key}_at_all", tables, (("table", gaps["table"]),))
    return Remark(key, tables, tuple(sorted({**gaps, "grant": grant}.items())))


def barred_columns(seen: Seen, tables: Iterable[str]) -> dict[tuple[str, str], SourceError]:
    """The columns of canonical tables that may be empty but are not there to be read, and why."""
    return {
        (name, column.name): fault
        for name in tables
        for column in TABLES[name].columns
        if column.name not in seen.tables.get(name, ()) and (fault := seen.bars(name, column.name)) is not None
    }
