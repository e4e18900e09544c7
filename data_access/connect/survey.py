"""What is in a database: which mappings fit it, what the chosen one gives and lacks, what is still to be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, func, select

from data_access.account import proven
from data_access.errors import ClienteleError, MappingError
from data_access.mapped import Mapped, read_mapped, unmapped_words
from data_access.mappings.detect import Match, detect
from data_access.mappings.live import Unmapped
from data_access.place import TOGETHER, Place
from data_access.rights import every_column, look
from data_access.schema import TABLES

# What a viewer has from each table; whatever is not listed here is for pages to come.
SERVES = {
    "orders": "revenue, orders, customers, new customers, order value, repeat rate, churn, retention cohorts",
    "customers": "by region, country, segment; lists by name",
    "order_items": "revenue by product category",
    "products": "names of product categories",
    "opportunities": "win rate, sales funnel",
    "stage_history": "stage by stage conversion and time in stage",
    "pipelines_stages": "the order and meaning of stages",
    "survey_answers": "NPS",
    "survey_responses": "NPS",
    "surveys": "NPS",
    "users": "by owner",
    "teams": "by team",
    "targets": "key figures against target",
    "fx_rates": "amounts in other currencies",
}
NOT_TOLD = "UTC"  # the zone that mappings take where a CRM keeps none: months begin by it, so people are asked
CANONICAL_ENOUGH = ("orders", "opportunities")  # one of these with its needed columns makes a database canonical


@dataclass(frozen=True)
class Given:
    """One canonical table of the survey."""

    name: str
    rows: int
    serves: str


@dataclass(frozen=True)
class Survey:
    """What was found: `place` is where to read, `matches` which mappings fit or nearly fit.

    `given` is what the chosen mapping (or the database itself, where its tables are canonical) supplies, `lacking` why
    other tables of it are not there, `undecided` the words that no value map knows, `settings` what is known of the
    company; `needs` names the settings that somebody has to tell.
    """

    place: Place
    matches: Sequence[Match] = ()
    is_canonical: bool = False
    given: Sequence[Given] = ()
    lacking: Mapping[str, ClienteleError] = field(default_factory=dict)
    undecided: Sequence[Unmapped] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs: Sequence[str] = ()

    @property
    def fitting(self) -> list[Match]:
        return [one for one in self.matches if one.fits]

    @property
    def unserved(self) -> dict[str, str]:
        """What a viewer will not have, by the table that would give it."""
        there = {one.name for one in self.given if one.rows}
        return {name: serves for name, serves in SERVES.items() if name not in there}


def survey(place: Place) -> Survey:
    """Look at a database, through the place's mapping or the one that fits it. Raises SourceError, MappingError."""
    with proven(place) as connection:
        return _survey(connection, place)


def _survey(connection: Connection, place: Place) -> Survey:
    matches = detect(connection)
    found = Survey(place, matches)
    if not place.mapping:
        if _is_canonical(connection):
            return _counted(connection, replace(found, is_canonical=True), None)
        fitting = found.fitting
        if len(fitting) != 1:
            return found
        place = through(place, fitting)
        found = replace(found, place=place)
    return _through(connection, found)


def through(place: Place, matches: Sequence[Match]) -> Place:
    """The place read through these mappings, each in the schema in which it was found."""
    own = dict(place.own)
    schemas = {one.manifest.folder.name: one.schema for one in matches if one.schema}
    if len(matches) == 1 and schemas:
        own = {"schema": matches[0].schema, **own}
    elif schemas:
        own["of"] = {name: {"schema": schema} for name, schema in schemas.items()}
    return replace(place, mapping=TOGETHER.join(one.manifest.folder.name for one in matches), own=tuple(own.items()))


def _is_canonical(connection: Connection) -> bool:
    there = every_column(connection)
    for name in CANONICAL_ENOUGH:
        needed = {c.name for c in TABLES[name].columns if not c.nullable and "default" not in c.info}
        if name in there and needed <= there[name]:
            return True
    return False


def _through(connection: Connection, found: Survey) -> Survey:
    """What the mapping gives; a base currency that nobody has told yet does not hide the rest."""
    place = found.place
    settings = dict(dict(place.own).get("settings", {}))
    needs = []
    try:
        mapped = read_mapped(connection, place)
    except ClienteleError as fault:
        if fault.key != "base_currency_missing":
            raise
        needs.append("base_currency")
        assumed = {**dict(place.own), "settings": {**settings, "base_currency": "XXX"}}
        mapped = read_mapped(connection, replace(place, own=tuple(assumed.items())))
    known = {name: value for name, value in mapped.manifest.settings.items() if value != "XXX"}
    undecided = unmapped_words(connection, place, known)
    if known.get("timezone") == NOT_TOLD and "timezone" not in settings:
        del known["timezone"]
    needs += [name for name in ("timezone", "fiscal_year_start_month") if name not in known]
    seen = replace(found, lacking=mapped.lacking, undecided=undecided, settings=known, needs=needs)
    return _counted(connection, seen, mapped)


def _counted(connection: Connection, found: Survey, mapped: Mapped | None) -> Survey:
    if mapped is not None:
        names = [name for name in TABLES if name in mapped.tables]
    else:
        seen = look(connection, found.place.url, TABLES)
        barred = {name: fault for name in seen.denied if (fault := seen.bars(name)) is not None}
        found = replace(found, lacking={**found.lacking, **barred})
        names = [name for name in TABLES if name in seen.tables and name != "settings"]
    given = []
    for name in names:
        query = select(func.count()).select_from(TABLES[name])
        try:
            rows = connection.execute(mapped.over(query) if mapped else query).scalar_one()
        except Exception as fault:
            why = str(getattr(fault, "orig", None) or fault).splitlines()[0]
            raise MappingError(f"`{name}` cannot be read: {why}") from fault
        given.append(Given(name, int(rows), SERVES.get(name, "")))
    return replace(found, given=given)
