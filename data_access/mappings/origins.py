"""Which of the source's tables a canonical table's rows come from, and what takes some of them away.

The main tables of a SELECT are those that stand first in its FROM, of each part of a UNION; what is only joined says
nothing of how many rows there should be. What takes rows away is told in the mapping's own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from data_access.mappings.dialect import MappingSQL, table_name
from data_access.mappings.manifest import Manifest, TableMapping
from data_access.mappings.queries import select_of

LONGEST = 160  # characters of a condition


@dataclass
class Origins:
    """Names of the source's tables as the mapping uses them, and what takes rows away."""

    tables: dict[str, None] = field(default_factory=dict)
    why: dict[str, None] = field(default_factory=dict)


def origins_of(manifest: Manifest, table: TableMapping) -> Origins:
    """Where the rows of a canonical table come from. Raises MappingError."""
    found = Origins()
    if table.sql is not None:
        _follow(select_of(table), manifest, found, {})
        return found
    _follow_table(table.source, manifest, found)
    if table.where:
        found.why.setdefault(_short(table.where))
    if table.group_by:
        found.why.setdefault(f"one row for each {', '.join(table.group_by)}")
    return found


def _follow(query: exp.Expr, manifest: Manifest, found: Origins, known: dict[str, exp.Expr]) -> None:
    query = query.unnest()
    known = known | {cte.alias.lower(): cte.this for cte in getattr(query, "ctes", ())}
    if isinstance(query, exp.SetOperation):
        for side in (query.left, query.right):
            _follow(side, manifest, found, known)
        return
    _tell(query, found)
    source = query.args.get("from_")
    first = source.this if source is not None else None
    if isinstance(first, exp.Subquery):
        _follow(first.this, manifest, found, known)
    elif isinstance(first, exp.Table):
        name = table_name(first)
        made = known.get(name.lower())
        if made is not None:
            _follow(made, manifest, found, {one: sql for one, sql in known.items() if one != name.lower()})
        else:
            _follow_table(name, manifest, found)


def _tell(query: exp.Expr, found: Origins) -> None:
    where, group = query.args.get("where"), query.args.get("group")
    if where is not None:
        found.why.setdefault(_short(where.this.sql(dialect=MappingSQL)))
    if group is not None:
        found.why.setdefault(
            _short(f"one row for each {', '.join(one.sql(dialect=MappingSQL) for one in group.expressions)}")
        )
    if query.args.get("distinct") is not None:
        found.why.setdefault("rows that are the same count once")
    for join in query.args.get("joins") or ():
        if not join.side and join.kind != "CROSS" and isinstance(join.this, exp.Table):
            found.why.setdefault(f"only with a row of {table_name(join.this)}")


def _follow_table(name: str, manifest: Manifest, found: Origins) -> None:
    """A table of the source, or a read that is a SELECT itself."""
    read = manifest.reads.get(name)
    if read is not None and read.sql is not None:
        _follow(select_of(read), manifest, found, {})
    else:
        found.tables.setdefault(name)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
