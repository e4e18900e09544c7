"""`docs/schema.md`, written from `data_access.schema`.

python -m data_access.schema_docs        writes the page anew
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Numeric, Table

from data_access.schema import PROVENANCE, TABLES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "schema.md"

INTRODUCTION = """\
# The canonical schema

<!-- Written by `python -m data_access.schema_docs` from data_access/schema.py: change it there. -->

Every metric reads these tables, whatever CRM the rows came from. Every table is optional: what a source does not hold
is named on the page that needs it, never drawn as zero.

- **Identifiers** are text, unique within their table. Where several sources meet, they begin with the source's name.
- `*_at` is a moment in UTC, without a time zone; `*_on` and `*_date` are calendar days in the company's time zone.
- **Money** has 24 digits, six of them after the point, in the row's `currency`; its `*_base` twin is in the base
  currency. Currencies are never added. Tax is not part of `net`.
- **Ratios** are 0 to 1.
- Columns marked \u2022 are never empty; an import fills in the default where there is one.
- Deleted rows are left out, or marked where a column says so.

## What holds between the rows

- Keys are unique; every reference leads to a row or is empty.
- Every opportunity is open, won, lost or void; `closed_at` is empty exactly when it is open and never before
  `created_at`.
- The stays of one deal follow each other without a gap; the first begins at `created_at`, the last is the present
  stage. The stays of a ticket likewise.
- The nets of an order's lines sum to the order's net.
- Nothing happened after `settings.data_as_of`, except what is due or expected.

Rows that break a rule are counted, not hidden: `python -m data_access check` lists them.

## Tables
"""

# Where every row came from: told once per table instead of in three rows.
TRACE = ", ".join(f"`{name}`" for name in PROVENANCE) + " (where the row came from and when it last changed there)"

_TYPES: dict[type, str] = {
    Boolean: "yes/no",
    DateTime: "moment",
    Date: "day",
    Integer: "integer",
    Float: "number",
}


def schema_page() -> str:
    """The whole page as Markdown."""
    tables = sorted(TABLES.values(), key=lambda table: str(table.name))
    contents = "".join(f"- [{table.name}](#{table.name}): {_first_sentence(table)}\n" for table in tables)
    return f"{INTRODUCTION}\n{contents}\n" + "\n".join(_section(table) for table in tables)


def _section(table: Table) -> str:
    """One table: its meaning, its key and its columns."""
    key = ", ".join(f"`{column.name}`" for column in table.primary_key)
    rows = "".join(_row(column) for column in table.columns if column.name not in PROVENANCE)
    parts = [f"### {table.name}\n", f"{table.comment}\n"]
    if key:
        parts.append(f"Key: {key}.\n")
    parts.append(f"| column | type | meaning |\n|---|---|---|\n{rows}")
    if PROVENANCE[0] in table.columns:
        parts.append(f"And {TRACE}.\n")
    return "\n".join(parts)


def _row(column: Column[object]) -> str:
    mark = "" if column.nullable else " \u2022"
    return f"| `{column.name}`{mark} | {_type_of(column)} | {_meaning(column)} |\n"


def _meaning(column: Column[object]) -> str:
    parts = [column.comment or ""]
    if values := column.info.get("values"):
        parts.append("One of " + ", ".join(f"`{value}`" for value in values) + ".")
    if (default := column.info.get("default")) is not None:
        parts.append(f"Default: `{str(default).lower() if isinstance(default, bool) else default}`.")
    parts.extend(f"\u2192 [{key.column.table.name}](#{key.column.table.name})" for key in column.foreign_keys)
    return " ".join(parts).replace("|", "\\|")


def _type_of(column: Column[object]) -> str:
    kind = column.type
    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return f"decimal({kind.precision}, {kind.scale})"
    return next((name for type_, name in _TYPES.items() if isinstance(kind, type_)), "text")


def _first_sentence(table: Table) -> str:
    return (table.comment or "").split(". ")[0].rstrip(".") + "."


def main() -> None:
    """Write the page."""
    PAGE.write_text(schema_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
