"""The canonical tables that a mapping makes of a live database, put in front of every statement as its WITH.

A metric asks `orders` and never knows whether that is a table or a SELECT over somebody's CRM: where it is the latter,
`Mapped.over(query)` adds `WITH orders AS (...)` for every canonical table that the query reads, and the database does
all of the work. Nothing is written to it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import CTE, URL, Connection, column, inspect, select, text
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import CompoundSelect, Select

from data_access import rights
from data_access.errors import MappingError, SourceError
from data_access.mappings.composed import composed, part_name
from data_access.mappings.families import FAMILY_OF
from data_access.mappings.find import company_mapping
from data_access.mappings.live import (
    Canonical,
    Holdings,
    LiveView,
    Unmapped,
    source_tables,
    unmapped_values,
    view_of,
)
from data_access.mappings.manifest import Manifest
from data_access.place import Place
from data_access.schema import TABLES

TOLD = {"base_currency", "timezone"}  # with these told by the company, nothing has to be known of the CRM's settings
SHARED = ("settings", "rates")  # what a company says about all of several mappings at once
Query = TypeVar("Query", Select[Any], CompoundSelect[Any])


@dataclass(frozen=True)
class Mapped:
    """The canonical tables of one database through one mapping; `lacking` says why others are not there.

    `barred` are those of the others for which its account lacks a right; `unseen` what a table goes without.
    """

    manifest: Manifest
    tables: Mapping[str, Canonical]
    lacking: Mapping[str, str] = field(default_factory=dict)
    barred: Mapping[str, SourceError] = field(default_factory=dict)
    unseen: Mapping[str, tuple[SourceError, ...]] = field(default_factory=dict)

    @cached_property
    def columns(self) -> dict[str, frozenset[str]]:
        """The columns of each canonical table that is supplied."""
        return {name: table.columns for name, table in self.tables.items() if name in TABLES}

    @cached_property
    def _ctes(self) -> dict[str, CTE]:
        return {name: _cte(table) for name, table in self.tables.items()}

    def over(self, query: Query) -> Query:
        """The same query, with the canonical tables that it reads before it."""
        names = self._with_needs(tables_read(query))
        return query.add_cte(*(self._ctes[name] for name in names)) if names else query

    def _with_needs(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are tables of ours, and before each one what it reads itself."""
        ordered: dict[str, None] = {}
        for name in sorted(set(names) & set(self.tables)):
            for need in self._with_needs(self.tables[name].needs):
                ordered.setdefault(need)
            ordered.setdefault(name)
        return list(ordered)


def tables_read(query: Select[Any] | CompoundSelect[Any]) -> set[str]:
    """The names of the canonical tables that a query reads, wherever in it they stand."""
    found: set[str] = set()
    visitors.traverse(query, {}, {"table": lambda table: found.add(str(table.name))})
    return found & set(TABLES)


def _cte(table: Canonical) -> CTE:
    """The SELECT as it was written, colons and all."""
    canonical = TABLES.get(table.table or table.name)
    typed = {} if canonical is None else {one.name: one.type for one in canonical.columns}
    columns = [column(name, typed.get(name)) for name in sorted(table.columns)]
    return text(table.sql.replace(":", r"\:")).columns(*columns).cte(table.name)


def read_mapped(connection: Connection, place: Place) -> Mapped:
    """What the mapping of a place makes of its database, or several together. Raises SourceError, MappingError."""
    family = family_of(place.url)
    manifests = manifests_of(place)
    parts: dict[str, LiveView] = {}
    settings: dict[str, Any] = {}
    for manifest in manifests:
        holdings = look(connection, place.url, manifest)
        told = replace(manifest, settings={**manifest.settings, **settings})
        known = _with_settings(connection, told, holdings, family)
        settings = settings or dict(known.settings)
        part = part_name(manifest.id) if len(manifests) > 1 else ""
        parts[manifest.id] = _view_that_fits(known, view_of(known, holdings, family, part))
    view = composed(parts, family) if len(parts) > 1 else next(iter(parts.values()))
    return Mapped(replace(manifests[0], settings=settings), view.tables, view.lacking, view.barred, view.unseen)


def manifests_of(place: Place) -> list[Manifest]:
    """The mappings of a place, each with what the company says about it; the leading one first. Raises MappingError."""
    names = place.mappings
    own = dict(place.own)
    each = own.pop("of", {})
    if len(names) == 1:
        return [company_mapping(names[0], own, place.folder)]
    shared = {key: value for key, value in own.items() if key in SHARED}
    odd = sorted(set(own) - set(SHARED))
    if odd:
        raise MappingError(f"`{odd[0]}` stands beside several mappings; say whose it is: [of.{names[0]}] {odd[0]}.")
    unknown = sorted(set(each) - set(names))
    if unknown:
        raise MappingError(f"`[of.{unknown[0]}]` is about no mapping of this file; `mapping` names {', '.join(names)}.")
    return [company_mapping(name, {**shared, **each.get(name, {})}, place.folder) for name in names]


def unmapped_words(
    connection: Connection, place: Place, settings: Mapping[str, Any], only: Container[str] | None = None
) -> list[Unmapped]:
    """The words of the source (in what these tables are made of) that no value map knows, with their rows.

    What they mean cannot be known.
    """
    found = []
    for name, manifest in zip(place.mappings, manifests_of(place), strict=True):
        told = replace(manifest, settings={"base_currency": "XXX", **settings})
        for one in unmapped_values(told, look(connection, place.url, manifest), family_of(place.url), only):
            rows = connection.execute(text(one.sql.replace(":", r"\:"))).all()
            words = sorted(((str(word), int(count)) for word, count in rows), key=lambda row: (-row[1], row[0]))
            if words:
                found.append(replace(one, values=dict(words), of=name if len(place.mappings) > 1 else ""))
    return found


def _view_that_fits(manifest: Manifest, view: LiveView) -> LiveView:
    if view.tables:
        return view
    barred = next(iter(view.barred.values()), None)
    if barred is not None:
        raise barred
    why = next(iter(view.lacking.values()), "it maps no table")
    raise MappingError(
        f"The mapping `{manifest.id}` does not fit this database: {why}; "
        "`python -m data_access connect` says which one does.",
        key="mapping_misfit",
        mapping=manifest.id,
    )


def family_of(url: URL) -> str:
    """The family of SQL that mappings are written in for an engine. Raises SourceError."""
    dialect = url.get_backend_name()
    if dialect not in FAMILY_OF:
        raise SourceError(
            f"Mappings cannot be written for `{dialect}` yet; they run on {', '.join(sorted(FAMILY_OF))}.",
            key="source_unreadable",
            path=dialect,
        )
    return FAMILY_OF[dialect]


def look(connection: Connection, url: URL, manifest: Manifest) -> Holdings:
    """The columns of the tables and views that a mapping reads, as far as they are there and may be read."""
    seen = rights.look(connection, url, source_tables(manifest).values(), manifest.schema)
    schema = manifest.schema or str(inspect(connection).default_schema_name or "")
    return Holdings(seen.tables, schema, seen.bars)


def _with_settings(connection: Connection, manifest: Manifest, holdings: Holdings, family: str) -> Manifest:
    """The mapping with the settings that the database itself tells; what the company says goes before."""
    table = manifest.tables.get("settings")
    others = {name: one for name, one in manifest.tables.items() if name != "settings"}
    settings = dict(manifest.settings)
    if table is not None:
        view: LiveView = view_of(replace(manifest, tables={"settings": table}), holdings, family)
        barred = view.barred.get("settings")
        if barred is not None and barred.key == rights.PERMISSION and not settings.keys() >= TOLD:
            raise barred  # no figure is right in a currency or a time zone that is only assumed
        if "settings" in view.tables:
            mapped = Mapped(manifest, view.tables)
            asked = select(*(TABLES["settings"].c[name] for name in sorted(mapped.columns["settings"])))
            row = connection.execute(mapped.over(asked.limit(1))).mappings().first()
            settings = {name: value for name, value in (row or {}).items() if value is not None} | settings
    if not settings.get("base_currency"):
        raise SourceError(
            "The base currency is not known; write `base_currency` under `[settings]` in clientele.toml.",
            key="base_currency_missing",
        )
    return replace(manifest, tables=others, settings=settings)
