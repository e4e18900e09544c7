"""The canonical tables that a mapping makes of a live database, put in front of every statement as its WITH.

A metric asks `orders` and never knows whether that is a table or a SELECT over somebody's CRM: where it is the latter,
`Mapped.over(query)` adds `WITH orders AS (...)` for every canonical table that the query reads, and the database does
all of the work. Nothing is written to it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import CTE, URL, Connection, column, inspect, select, text
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import CompoundSelect, Select

from data_access import rights
from data_access.errors import ClienteleError, MappingError, SourceError
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
from data_access.place import BY_DOMAIN, SHARED, Place
from data_access.schema import TABLES

TOLD = {"base_currency", "timezone"}  # with these told by the company, nothing has to be known of the CRM's settings
WITH_AMOUNTS = {name for name, table in TABLES.items() if any(c.name.endswith("_base") for c in table.columns)}
Query = TypeVar("Query", Select[Any], CompoundSelect[Any])


@dataclass(frozen=True)
class Mapped:
    """The canonical tables of one database through one mapping; `lacking` says why others are not there.

    `barred` are those of the others for which its account lacks a right; `unseen` what a table goes without.
    """

    manifest: Manifest
    tables: Mapping[str, Canonical]
    lacking: Mapping[str, ClienteleError] = field(default_factory=dict)
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


@dataclass(frozen=True)
class Part:
    """One of a place's mappings: with the settings that hold for it, and what it makes of its database."""

    place: Place
    manifest: Manifest
    view: LiveView


def read_mapped(connection: Connection, place: Place) -> Mapped:
    """What the mapping of a place makes of its database, or several together. Raises SourceError, MappingError."""
    parts = read_parts(place, lambda _: nullcontext(connection))
    first, views = parts[0], {part.manifest.id: part.view for part in parts}
    if len(parts) == 1:
        view = first.view
    else:
        view = composed(views, family_of(place.url), place.mappings, by_domain=place.is_by_domain)
    return Mapped(first.manifest, view.tables, view.lacking, view.barred, view.unseen)


def read_parts(
    place: Place, connect: Callable[[Place], AbstractContextManager[Connection]], *, is_apart: bool = False
) -> list[Part]:
    """What each mapping of a place makes of its database, the leading one's settings holding for all.

    `is_apart`: the tables keep their names, since no statement will read several mappings' tables. Raises SourceError,
    MappingError.
    """
    parts: list[Part] = []
    settings: dict[str, Any] = {}
    manifests = manifests_of(place)
    for mine, manifest in zip(place.parts, manifests, strict=True):
        family = family_of(mine.url)
        with connect(mine) as connection:
            holdings = look(connection, mine.url, manifest)
            told = replace(manifest, settings={**manifest.settings, **settings, **_said_of(place, mine)})
            known = _with_settings(connection, told, holdings, family)
            if settings:
                own = _own_currency(connection, place, mine, manifest, holdings)
                _refuse_other_currency(mine.mapping, own, settings["base_currency"])
        settings = settings or dict(known.settings)
        suffix = part_name(manifest.id) if len(manifests) > 1 and not is_apart else ""
        parts.append(Part(mine, known, _view_that_fits(known, view_of(known, holdings, family, suffix))))
    return parts


def _said_of(place: Place, part: Place) -> dict[str, Any]:
    """The settings that a company says of one of several mappings, such as the zone of its clock."""
    if part is place:
        return {}
    return dict(dict(place.own).get("of", {}).get(part.mapping, {}).get("settings", {}))


def _own_currency(
    connection: Connection, place: Place, part: Place, manifest: Manifest, holdings: Holdings
) -> str | None:
    """The currency in which one of several systems keeps its books, if any that is read. Raises SourceError."""
    if not WITH_AMOUNTS & set(manifest.tables):
        return None
    told, barred = _told_by_database(connection, manifest, holdings, family_of(part.url))
    mapping = company_mapping(part.mapping, {}, part.folder)
    own = {**told, **mapping.settings, **_said_of(place, part)}.get("base_currency")
    if own is None and barred is not None and barred.key == rights.PERMISSION:
        raise barred  # it may be another one
    return own


def _refuse_other_currency(mapping: str, own: str | None, base: str) -> None:
    """Amounts that a system writes without a currency would pass for the company's. Raises SourceError."""
    if own and own != base:
        raise SourceError(
            f"`{mapping}` keeps its books in {own} and the company reports in {base}: amounts without a currency of "
            f"their own would pass for {base}. Leave its tables with amounts out; or, where every amount has its "
            f'currency and [[rates]] say what it is worth, write `base_currency = "{base}"` under '
            f"[of.{mapping}.settings].",
            key="other_currency",
            mapping=mapping,
            own=own,
            base=base,
        )


def manifests_of(place: Place) -> list[Manifest]:
    """The mappings of a place, each with what the company says about it; the leading one first. Raises MappingError."""
    names = place.mappings
    own = dict(place.own)
    each, _ = own.pop("of", {}), own.pop(BY_DOMAIN, False)
    if len(names) == 1:
        return [company_mapping(names[0], own, place.folder)]
    odd = sorted(set(own) - set(SHARED))
    if odd:
        raise MappingError(f"`{odd[0]}` stands beside several mappings; say whose it is: [of.{names[0]}] {odd[0]}.")
    unknown = sorted(set(each) - set(names))
    if unknown:
        raise MappingError(f"`[of.{unknown[0]}]` is about no mapping of this file; `mapping` names {', '.join(names)}.")
    manifests = [company_mapping(part.mapping, dict(part.own), part.folder) for part in place.parts]
    ids = [manifest.id for manifest in manifests]
    twice = next((one for one in ids if ids.count(one) > 1), "")
    if twice:
        raise MappingError(f"Two of the mappings have the id `{twice}`; extend one of them under an `id` of its own.")
    return manifests


def unmapped_words(
    connection: Connection,
    place: Place,
    settings: Mapping[str, Any],
    only: Container[str] | None = None,
    emptied: bool = False,
) -> list[Unmapped]:
    """The words of the source (in what these tables are made of) that no value map knows, with their rows.

    What they mean cannot be known. Those of columns that every row needs, or of those that are empty then (`emptied`).
    """
    found = []
    for name, manifest in zip(place.mappings, manifests_of(place), strict=True):
        told = replace(manifest, settings={"base_currency": "XXX", **settings})
        for one in unmapped_values(told, look(connection, place.url, manifest), family_of(place.url), only, emptied):
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
    why: object = next(iter(view.lacking.values()), "it maps no table")
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
    told, barred = _told_by_database(connection, manifest, holdings, family)
    if barred is not None and barred.key == rights.PERMISSION and not manifest.settings.keys() >= TOLD:
        raise barred  # no figure is right in a currency or a time zone that is only assumed
    settings = {**told, **manifest.settings}
    if not settings.get("base_currency"):
        raise SourceError(
            "The base currency is not known; write `base_currency` under `[settings]` in clientele.toml.",
            key="base_currency_missing",
        )
    others = {name: one for name, one in manifest.tables.items() if name != "settings"}
    return replace(manifest, tables=others, settings=settings)


def _told_by_database(
    connection: Connection, manifest: Manifest, holdings: Holdings, family: str
) -> tuple[dict[str, Any], SourceError | None]:
    """The settings that the database itself tells, or what keeps the account from reading them."""
    table = manifest.tables.get("settings")
    if table is None:
        return {}, None
    view: LiveView = view_of(replace(manifest, tables={"settings": table}), holdings, family)
    if "settings" not in view.tables:
        return {}, view.barred.get("settings")
    mapped = Mapped(manifest, view.tables)
    asked = select(*(TABLES["settings"].c[name] for name in sorted(mapped.columns["settings"])))
    row = connection.execute(mapped.over(asked.limit(1))).mappings().first()
    return {name: value for name, value in (row or {}).items() if value is not None}, None
