"""What an account may read of a database, column by column, and the statement that would let it read the rest.

A table that may not be read is no reason to show nothing: `look` tells what can be read, and `Seen.bars` why something
cannot. PostgreSQL shows every table and says what is forbidden. MariaDB and MySQL show an account only what it may
read: what is not shown there is perhaps not there at all, and is told so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType, TypeEngine

from data_access import failures
from data_access.errors import SourceError

PERMISSION, NOT_SHOWN = "source_permission", "source_not_shown"
RIGHTS = (PERMISSION, NOT_SHOWN)
EXACT = ("_nopad_bin", "_0900_bin")  # collations that take only what is the same for the same


@dataclass(frozen=True)
class Seen:
    """The tables and views of one schema (of the connection's own where it has no name), as an account may read them.

    `tables` holds the columns that may be read of each; `denied` those that may not, and all columns of a table that is
    not in `tables`. `partly` are tables of which a server shows no more columns than may be read, and where it
    `hides`, no more tables. `broken` are views that nobody can read. `loose` are the texts whose collation takes
    different ones for equal, where that is known.
    """

    url: URL
    schema: str
    tables: Mapping[str, tuple[str, ...]]
    denied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    partly: frozenset[str] = frozenset()
    hides: bool = False
    broken: Mapping[str, SourceError] = field(default_factory=dict)
    loose: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def bars(self, table: str, column: str = "") -> SourceError | None:
        """What keeps a table or column that cannot be read from being read; None where it just is not there."""
        name = _folded(table, (*self.tables, *self.denied, *self.broken))
        if name in self.broken:
            return self.broken[name]
        columns = {one.lower() for one in self.denied.get(name, ())}
        if name in self.denied and (name not in self.tables or column.lower() in columns):
            return failures.not_permitted(self.url, self._written(name), column=column if name in self.tables else "")
        if name in self.partly and column:
            return failures.not_shown(self.url, self._written(name), column)
        return failures.not_shown(self.url, self._written(table)) if self.hides and name not in self.tables else None

    def _written(self, table: str) -> str:
        return f"{self.schema}.{table}" if self.schema else table


def _folded(name: str, names: Iterable[str]) -> str:
    """The same name as the database writes it."""
    return next((one for one in names if one.lower() == name.lower()), name)


def look(connection: Connection, url: URL, wanted: Iterable[str], schema: str = "") -> Seen:
    """What may be read of a schema. `wanted` names the tables that matter; others may be left out.

    Raises SourceError where nothing of the schema may be read.
    """
    ways: dict[str, Callable[[Connection, URL, frozenset[str], str], Seen]] = {
        "postgresql": _postgresql,
        "mysql": _mysql,
        "mariadb": _mysql,
    }
    return ways.get(connection.dialect.name, _everything)(
        connection, url, frozenset(name.lower() for name in wanted), schema
    )


def _everything(connection: Connection, url: URL, wanted: frozenset[str], schema: str) -> Seen:
    """All that is there, on an engine that has no rights of its own."""
    inspector = inspect(connection)
    there = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    names = [name for name in there if name.lower() in wanted]
    found = inspector.get_multi_columns(schema or None, filter_names=names, kind=ObjectKind.ANY) if names else {}
    return Seen(url, schema, {str(name): tuple(str(one["name"]) for one in info) for (_, name), info in found.items()})


# -- PostgreSQL -----------------------------------------------------------------------------------------------------
MAY_USE = text("SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = :schema")
PLACES = text("SELECT cardinality(current_schemas(false))")
COLUMNS = """
SELECT c.relname, a.attname, has_column_privilege(c.oid, a.attnum, 'SELECT')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {place} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
AND lower(c.relname) = ANY(:wanted)
ORDER BY c.relname, a.attnum
"""


def _postgresql(connection: Connection, url: URL, wanted: frozenset[str], schema: str) -> Seen:
    _may_use(connection, url, schema)
    place = "n.nspname = :schema" if schema else "pg_table_is_visible(c.oid)"
    query = text(COLUMNS.format(place=place)).bindparams(wanted=sorted(wanted))
    rows = connection.execute(query.bindparams(schema=schema) if schema else query).all()
    tables: dict[str, list[str]] = defaultdict(list)
    denied: dict[str, set[str]] = defaultdict(set)
    for table, column, may_read in rows:
        if may_read:
            tables[table].append(column)
        else:
            denied[table].add(column)
    held = {name: tuple(columns) for name, columns in tables.items()}
    return Seen(url, schema, held, {name: frozenset(columns) for name, columns in denied.items()})


def _may_use(connection: Connection, url: URL, schema: str) -> None:
    """Raises SourceError for a schema in which the account may use nothing."""
    if not schema and connection.execute(PLACES).scalar():
        return
    if connection.execute(MAY_USE, {"schema": schema or "public"}).scalar() is False:
        raise failures.not_permitted(url, schema or "public", is_schema=True)


# -- MariaDB and MySQL ----------------------------------------------------------------------------------------------
SHOWN = text(
    "SELECT table_name, column_name, collation_name, FIND_IN_SET('select', privileges) "
    "FROM information_schema.columns WHERE table_schema = :schema ORDER BY table_name, ordinal_position"
)
NAMES = text("SELECT table_name FROM information_schema.tables WHERE table_schema = :schema")
BY_COLUMN = text(
    "SELECT DISTINCT table_name FROM information_schema.column_privileges "
    "WHERE table_schema = :schema AND privilege_type = 'SELECT'"
)


def _mysql(connection: Connection, url: URL, wanted: frozenset[str], schema: str) -> Seen:
    """`information_schema` tells of views too, whose making (SHOW CREATE) an account that only reads may not see."""
    asked = {"schema": schema or url.database or ""}
    shown = [row for row in connection.execute(SHOWN, asked).all() if row[0].lower() in wanted]
    tables: dict[str, list[str]] = defaultdict(list)
    denied: dict[str, set[str]] = defaultdict(set)
    loose: dict[str, set[str]] = defaultdict(set)
    for table, column, collation, may_read in shown:
        if not may_read:
            denied[table].add(column)
            continue
        tables[table].append(column)
        if collation and not collation.endswith(EXACT):
            loose[table].add(column)
    names = [name for name in connection.execute(NAMES, asked).scalars() if name.lower() in wanted]
    bare = [name for name in names if name not in tables]
    refused = {name: _refused(connection, url, asked["schema"], name) for name in bare}
    broken = {name: fault for name, fault in refused.items() if fault is not None and fault.key != PERMISSION}
    denied |= {name: set() for name in bare if name not in broken}
    absent = sorted(wanted - {name.lower() for name in (*tables, *denied, *broken)})
    hidden = _refused(connection, url, asked["schema"], absent[0]) if absent else None
    return Seen(
        url,
        schema,
        {name: tuple(columns) for name, columns in tables.items()},
        {name: frozenset(columns) for name, columns in denied.items()},
        frozenset(connection.execute(BY_COLUMN, asked).scalars()),
        hidden is not None and hidden.key == PERMISSION,  # what is not there is refused as well: nobody can tell
        broken,
        {name: frozenset(columns) for name, columns in loose.items()},
    )


def _refused(connection: Connection, url: URL, schema: str, table: str) -> SourceError | None:
    """What the server says to a question for a table."""
    quoted = ".".join(f"`{name.replace('`', '``')}`" for name in (schema, table))
    try:
        connection.execute(text(f"SELECT 1 FROM {quoted} LIMIT 0".replace(":", r"\:")))
    except DBAPIError as fault:
        return failures.explain(fault, url)
    return None


def every_column(connection: Connection, schema: str = "") -> dict[str, frozenset[str]]:
    """The columns of every table and view that a server shows, whether they may be read or not."""
    if connection.dialect.name in ("mysql", "mariadb"):
        found: dict[str, set[str]] = defaultdict(set)
        for table, column, _, _ in connection.execute(SHOWN, {"schema": schema or connection.engine.url.database}):
            found[table].add(column)
        return {table: frozenset(columns) for table, columns in found.items()}
    told = inspect(connection).get_multi_columns(schema or None, kind=ObjectKind.ANY)
    return {str(name): frozenset(str(one["name"]) for one in columns) for (_, name), columns in told.items()}


# -- types of columns -----------------------------------------------------------------------------------------------
def types_of(connection: Connection, seen: Seen) -> dict[str, dict[str, TypeEngine[Any]]]:
    """The readable columns of each table with their types; without one where the server does not tell it."""
    return {name: _types(connection, seen, name, columns) for name, columns in seen.tables.items()}


def _types(connection: Connection, seen: Seen, table: str, columns: Iterable[str]) -> dict[str, TypeEngine[Any]]:
    try:
        told = {str(c["name"]): c["type"] for c in inspect(connection).get_columns(table, seen.schema or None)}
    except DBAPIError as fault:
        if failures.kind_of(fault) != "permission":
            raise
        told = {}
    return {column: told.get(column, NullType()) for column in columns}


__all__ = ["NOT_SHOWN", "PERMISSION", "RIGHTS", "Seen", "every_column", "look", "types_of"]
