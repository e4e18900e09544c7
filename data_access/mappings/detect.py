"""Which mappings fit a database: every shipped one names the tables and columns that give its CRM away.

Nothing is guessed silently: a mapping fits when all that it names is there and nothing that it rules out is. Those that
nearly fit are told with what they miss, as the nearest start for a mapping of one's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, inspect

from data_access.mappings.find import known_mappings
from data_access.mappings.manifest import Manifest
from data_access.rights import every_column

NEAR = 0.5  # share of the fingerprint from which on a mapping is worth telling
OF_THE_SERVER = ("information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys")
Columns = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Match:
    """A mapping beside a database: what of its fingerprint is missing there, and what ought not to be there.

    `schema` is the one in which its tables lie; empty for the connection's own.
    """

    manifest: Manifest
    schema: str
    wanted: int
    missing: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return not self.missing and not self.unwanted

    @property
    def share(self) -> float:
        """How much of the fingerprint is there, 0 to 1."""
        return 1 - (len(self.missing) + len(self.unwanted)) / max(self.wanted, 1)


def detect(connection: Connection) -> list[Match]:
    """Every mapping that fits or nearly fits, the best first."""
    manifests = [one for one in known_mappings() if one.detect.tables]
    found = [compare(manifest, columns, schema) for schema, columns in _schemas(connection) for manifest in manifests]
    near = [one for one in found if one.fits or one.share >= NEAR]
    return sorted(near, key=lambda one: (not one.fits, -one.share, -one.wanted, one.manifest.id))


def _schemas(connection: Connection) -> Iterator[tuple[str, Columns]]:
    """The connection's own schema under the empty name, then the others that hold tables."""
    inspector = inspect(connection)
    own = inspector.default_schema_name
    others: Sequence[str] = (
        []
        if connection.dialect.name in ("sqlite", "mysql", "mariadb")
        else sorted(name for name in inspector.get_schema_names() if name != own and not name.startswith(OF_THE_SERVER))
    )
    for schema in ("", *others):
        found = every_column(connection, schema)
        yield schema, {name.lower(): frozenset(one.lower() for one in columns) for name, columns in found.items()}


def compare(manifest: Manifest, columns: Columns, schema: str = "") -> Match:
    """What of a mapping's fingerprint a database lacks, or has too much."""
    missing, unwanted, wanted = [], [], 0
    for table, names in manifest.detect.tables.items():
        there = columns.get(f"{manifest.prefix}{table}".lower())
        wanted += 1 + len(names)
        if there is None:
            missing += [table, *(f"{table}.{name}" for name in names)]
        else:
            missing += [f"{table}.{name}" for name in names if name.lower() not in there]
    for table, names in manifest.detect.without.items():
        there = columns.get(f"{manifest.prefix}{table}".lower())
        if there is not None:
            unwanted += [f"{table}.{name}" for name in names if name.lower() in there] if names else [table]
    return Match(manifest, schema, wanted, tuple(missing), tuple(unwanted))
