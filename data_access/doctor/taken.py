"""How many of the source's own rows became canonical ones, and how many of the live ones are in their extract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, inspect, select, table

from data_access.account import proven
from data_access.errors import ClienteleError, MappingError
from data_access.extract.record import Origin
from data_access.mapped import Mapped, Part, look, manifests_of, read_mapped, read_parts
from data_access.mappings.composed import part_name
from data_access.mappings.live import source_tables
from data_access.mappings.manifest import Manifest
from data_access.mappings.origins import origins_of
from data_access.place import Place
from data_access.schema import TABLES

FRESH = timedelta(hours=1)  # an extract that is older than this may hold other rows than its source


@dataclass(frozen=True)
class Taking:
    """Rows of a canonical table beside those of the source's tables that they come from; `why` takes rows away."""

    table: str
    rows: int
    sources: Mapping[str, int]
    not_taken: int
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """An extract beside its source: hours since it was taken, rows there and live, or why the source is not reached."""

    hours: float
    tables: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unreached: str = ""

    @property
    def is_fresh(self) -> bool:
        return self.hours <= FRESH.total_seconds() / 3600

    @property
    def others(self) -> dict[str, tuple[int, int]]:
        """The tables with another number of rows."""
        return {name: rows for name, rows in self.tables.items() if rows[0] != rows[1]}


def takings(connection: Connection, mapped: Mapped, place: Place, rows: Mapping[str, int]) -> Iterator[Taking]:
    """For each canonical table that a mapping makes, the rows that it could have been made of."""
    manifests = [(one, _names(connection, place, one)) for one in manifests_of(place)]
    counted: dict[str, int] = {}
    for name in rows:
        sources, why = dict[str, int](), dict[str, None]()
        for manifest, there in manifests:
            if name not in manifest.tables:
                continue
            try:
                found = origins_of(manifest, manifest.tables[name])
            except MappingError:
                continue  # told as lacking
            why |= found.why
            for read in found.tables:
                if read in there:
                    sources[there[read]] = _counted(connection, manifest, there[read], counted)
        if sources:
            yield Taking(name, rows[name], sources, sum(sources.values()) - rows[name], tuple(why))


def _names(connection: Connection, place: Place, manifest: Manifest) -> dict[str, str]:
    """The tables that a mapping reads and the account may, as the database spells them."""
    spelled = {name.lower(): name for name in look(connection, place.url, manifest).tables}
    wanted = source_tables(manifest)
    return {read: spelled[name.lower()] for read, name in wanted.items() if name.lower() in spelled}


def _counted(connection: Connection, manifest: Manifest, name: str, counted: dict[str, int]) -> int:
    known = f"{manifest.schema}.{name}"
    if known not in counted:
        query = select(func.count()).select_from(table(name, schema=manifest.schema or None))
        counted[known] = int(connection.execute(query).scalar_one())
    return counted[known]


def beside_source(origin: Origin, live: Place, rows: Mapping[str, int]) -> Beside:
    """An extract beside the place that it was taken from; where databases are several, each table of each one."""
    hours = (datetime.now(UTC).replace(tzinfo=None) - origin.read_at).total_seconds() / 3600
    try:
        if live.is_apart:
            counted = {name: count for part in read_parts(live, proven, is_apart=True) for name, count in _counts(part)}
            return Beside(hours, {name: (rows[name], count) for name, count in counted.items() if name in rows})
        with proven(live) as connection:
            mapped = read_mapped(connection, live) if live.is_mapped else None
            there = [name for name in rows if _is_there(connection, mapped, name)]
            return Beside(hours, {name: (rows[name], _live_rows(connection, mapped, name)) for name in there})
    except ClienteleError as fault:
        return Beside(hours, unreached=str(fault))


def _counts(part: Part) -> Iterator[tuple[str, int]]:
    """The rows that one mapping makes of its database now, by the names that its tables have in an extract."""
    mapped = Mapped(part.manifest, part.view.tables)
    with proven(part.place) as connection:
        for name in mapped.columns:
            yield name + part_name(part.manifest.id), _live_rows(connection, mapped, name)


def _is_there(connection: Connection, mapped: Mapped | None, name: str) -> bool:
    return name in mapped.columns if mapped else inspect(connection).has_table(name)


def _live_rows(connection: Connection, mapped: Mapped | None, name: str) -> int:
    query = select(func.count()).select_from(TABLES[name])
    return int(connection.execute(mapped.over(query) if mapped else query).scalar_one())
