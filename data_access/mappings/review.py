"""What can be seen in a mapping before any file is read: codes that no column permits, moments moved to UTC twice.

Cells are looked through as written; what cannot be parsed here is reported with its place when it is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import DateTime
from sqlglot import exp

from data_access.errors import MappingError
from data_access.mappings.dialect import parse_cell, parse_select
from data_access.mappings.manifest import MANIFEST, Manifest, TableMapping
from data_access.schema import TABLES

MAP_FUNCTIONS = ("mapped", "stage_outcome", "channel")
OFFSETS = ("%z", "%Z")
Aliases = Mapping[str, list[exp.Expr]]
Moved = tuple[exp.Anonymous, bool]


def map_calls(cell: exp.Expr) -> Iterator[exp.Anonymous]:
    """The look-ups in value maps that give a cell its value, within `min` or `max` and the branches of a CASE."""
    while isinstance(cell, exp.Alias | exp.Paren | exp.Min | exp.Max):
        cell = cell.this
    if isinstance(cell, exp.Anonymous) and _name(cell) in MAP_FUNCTIONS:
        yield cell
    elif isinstance(cell, exp.Case):
        for one in (*(branch.args["true"] for branch in cell.args["ifs"]), cell.args.get("default")):
            if one is not None:
                yield from map_calls(one)


def map_name(call: exp.Anonymous) -> str:
    """The name of the value map that is looked into."""
    return str(call.expressions[1].name) if len(call.expressions) > 1 else _name(call)


def section_of(name: str) -> str:
    """The section of the manifest in which a value map stands."""
    return {"stage_outcome": "stage_outcomes", "channel": "channel_map"}.get(name, f"value_maps.{name}")


def branches(query: exp.Expr) -> Iterator[exp.Select]:
    """The SELECTs whose rows come out: several where they are put together by UNION."""
    if isinstance(query, exp.Select):
        yield query
    elif isinstance(query, exp.SetOperation):
        yield from branches(query.this)
        yield from branches(query.expression)
    elif isinstance(query, exp.Subquery):
        yield from branches(query.this)


def outputs(query: exp.Expr) -> Iterator[tuple[exp.Select, str, exp.Expr]]:
    """Every cell that comes out, with its SELECT and the name of its column; the first SELECT names them."""
    names: list[str] = []
    for select in branches(query):
        names = names or [one.alias_or_name for one in select.selects]
        yield from ((select, name, cell) for name, cell in zip(names, select.selects, strict=False))


def review(manifest: Manifest) -> None:
    """Refuse what no file could make right. Raises MappingError."""
    for table in manifest.tables.values():
        for column, value in table.columns.items():
            if isinstance(value, dict):
                _refuse_codes(table.name, column, f"tables.{table.name}.columns.{column}.map", value.get("map", {}))
        for query in _queries(table):
            _review(manifest, table, query)


def _queries(table: TableMapping) -> Iterator[exp.Expr]:
    """The table's SELECT, or one for each cell of the short form; what cannot be parsed is said when it is rendered."""
    texts = {name: text for name, text in table.columns.items() if isinstance(text, str)}
    for name, text in texts.items():
        with suppress(MappingError):
            yield exp.select(exp.alias_(parse_cell(text, ""), name, quoted=True))
    if table.sql and table.sql.is_file():
        with suppress(MappingError, UnicodeDecodeError):
            yield parse_select(table.sql.read_text(encoding="utf-8-sig"), table.sql.name)


def _review(manifest: Manifest, table: TableMapping, query: exp.Expr) -> None:
    place = table.sql.name if table.sql else MANIFEST
    within = aliases(query)
    for _, column, cell in outputs(query):
        for name in {map_name(call) for call in map_calls(cell)} & set(manifest.value_maps):
            _refuse_codes(table.name, column, section_of(name), manifest.value_maps[name])
        for moved, in_utc in _moments(cell, within):
            if in_utc and is_utc(moved):
                raise MappingError(
                    f"{place}: `{table.name}.{column}`: to_utc is given {_brief(moved)}, which is UTC already, and "
                    "would move it twice; take to_utc away."
                )


def _brief(call: exp.Anonymous) -> str:
    if _name(call) == "parse_time":
        formats = ", ".join(f"'{one.name}'" for one in call.expressions[1:])
        return f"the moment that parse_time reads by {formats} (`%z` is the offset from UTC)"
    return f"the moment that {_name(call)} gives"


def _refuse_codes(table: str, column: str, section: str, pairs: Mapping[str, Any]) -> None:
    """A value map may give nothing but codes that the column permits."""
    found = TABLES[table].columns.get(column)
    if found is None or "values" not in found.info:
        return
    for written, code in pairs.items():
        if str(code).strip() and str(code).strip().lower() not in found.info["values"]:
            permitted = ", ".join(found.info["values"])
            raise MappingError(
                f"{MANIFEST}: [{section}] makes `{written}` into `{code}`, which `{table}.{column}` does not permit; "
                f"it permits {permitted}."
            )


def aliases(query: exp.Expr) -> Aliases:
    """What the columns of inner SELECTs are made of, by name."""
    found: dict[str, list[exp.Expr]] = {}
    outer = list(branches(query))
    for select in query.find_all(exp.Select):
        if not any(select is one for one in outer):
            for cell in select.selects:
                if isinstance(cell, exp.Alias):
                    found.setdefault(cell.alias.lower(), []).append(cell.this)
    return found


def _moments(cell: exp.Expr, within: Aliases, in_utc: bool = False, seen: tuple[str, ...] = ()) -> Iterator[Moved]:
    """Every call in a cell that makes a moment, inner SELECTs included, and whether `to_utc` is around it."""
    if isinstance(cell, exp.Anonymous):
        name = _name(cell)
        if name in ("parse_time", "from_epoch", "to_utc"):
            yield cell, in_utc
        in_utc = in_utc or name == "to_utc"
    if isinstance(cell, exp.Column) and cell.name.lower() not in seen:
        for inner in within.get(cell.name.lower(), ()):
            yield from _moments(inner, within, in_utc, (*seen, cell.name.lower()))
    for part in cell.iter_expressions():
        yield from _moments(part, within, in_utc, seen)


def is_utc(call: exp.Anonymous) -> bool:
    """True when what the call gives is UTC already."""
    return _name(call) != "parse_time" or any(code in one.name for one in call.expressions[1:] for code in OFFSETS)


def local_moments(query: exp.Expr, table: str) -> tuple[str, ...]:
    """The columns of moments that are read from text without an offset, and that `to_utc` does not move."""
    within, columns = aliases(query), TABLES[table].columns
    found = [
        column
        for _, column, cell in outputs(query)
        if column in columns and isinstance(columns[column].type, DateTime)
        if any(not in_utc and not is_utc(call) for call, in_utc in _moments(cell, within))
    ]
    return tuple(dict.fromkeys(found))


def _name(call: exp.Anonymous) -> str:
    return str(call.name).lower()
