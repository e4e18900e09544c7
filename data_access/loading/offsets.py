"""Moments without an offset: they are taken as UTC, which is said wherever the company lives in another time zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import DateTime

from data_access.loading.ledger import Ledger
from data_access.loading.state import Raw
from data_access.mappings.functions import name_literal

ZONELESS = "TIMESTAMP"  # and its finer kinds: `TIMESTAMP_NS`, not `TIMESTAMP WITH TIME ZONE`


def note_local_times(raws: Mapping[str, Raw], zone: str, ledger: Ledger, connection: Any) -> None:
    """Say which moments bear no offset and are counted as UTC, though the company's clocks show another time."""
    if zone == "UTC":
        return
    for raw in raws.values():
        for column in raw.table.columns:
            if isinstance(column.type, DateTime) and column.name in raw.columns:
                example = _example(raw, column.name, connection)
                if example is not None:
                    ledger.note("taken_as_utc", raw.name, column.name, example=example, text=_text(raw, zone))


def _text(raw: Raw, zone: str) -> str:
    clocks = f"if it is what clocks in {zone} showed"
    if raw.mapped:
        return f"no offset; {clocks}, write to_utc(..., setting('timezone')) in the mapping"
    return f"no offset; {clocks}, write offsets (2026-03-31T14:05:00+02:00), or a mapping with to_utc"


def _example(raw: Raw, column: str, connection: Any) -> str | None:
    """The first moment without an offset, as it was written; None where every one has its offset, or is a mere date."""
    kind, cell = raw.columns[column], f"r.{name_literal(column)}"
    if kind == "VARCHAR":
        late = f"SUBSTR({cell}, 11)"  # behind the day
        bare = f"LENGTH(TRIM({cell})) > 10 AND NOT regexp_matches({late}, '[-+zZ]')"
    elif column in raw.local or (not raw.mapped and kind.startswith(ZONELESS) and "ZONE" not in kind):
        bare = f"{cell} IS NOT NULL"
    else:
        return None
    row = connection.execute(f"SELECT CAST({cell} AS VARCHAR) FROM {raw.relation} r WHERE {bare} LIMIT 1").fetchone()
    return str(row[0]) if row else None
