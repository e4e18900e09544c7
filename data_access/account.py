"""Proof that the account can only read. One that could write is refused unless it is allowed by its name.

A session is set to read only in any case (data_access/engines.py); an account without the right to write holds also
where that is circumvented. PostgreSQL tells rights by its privilege functions, MariaDB and MySQL by SHOW GRANTS, roles
included. Allowed by name:

    CLIENTELE_ALLOW_WRITING_ACCOUNT=user          in the environment
    allow_writing_account = "user"                in clientele.toml
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from data_access import engines, failures
from data_access.errors import SourceError
from data_access.place import Place

ALLOWED = "CLIENTELE_ALLOW_WRITING_ACCOUNT"
READER = "clientele_reader"

# Tables of people's own; what a server keeps of itself does not count.
OWN_TABLES = """
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
"""
POSTGRESQL = (
    ("superuser", "SELECT 'is superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper"),
    (
        "owner",
        f"SELECT 'owns ' || c.relname {OWN_TABLES} AND pg_has_role(c.relowner, 'USAGE') ORDER BY c.relname LIMIT 1",
    ),
    (
        "writes",
        f"SELECT 'may write to ' || c.relname {OWN_TABLES}"
        " AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
        " OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')) ORDER BY c.relname LIMIT 1",
    ),
    # Until version 15 everybody could make tables in `public`: that says nothing of this account.
    (
        "creates",
        "SELECT 'may make tables in ' || nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')"
        " AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
        " AND NOT (nspname = 'public' AND current_setting('server_version_num')::int < 150000)"
        " ORDER BY nspname LIMIT 1",
    ),
)
# What lets an account of MariaDB or MySQL look, and no more.
LOOKING = frozenset(
    [
        "USAGE",
        "SELECT",
        "SHOW VIEW",
        "SHOW DATABASES",
        "PROCESS",
        "REFERENCES",
        "EXECUTE",
        "LOCK TABLES",
        "CREATE TEMPORARY TABLES",
        "REPLICATION CLIENT",
        "REPLICATION SLAVE",
        "BINLOG MONITOR",
        "SLAVE MONITOR",
        "REPLICA MONITOR",
        "SHOW_ROUTINE",
        "PROXY",
    ]
)
GRANT = re.compile(r"^GRANT (?P<rights>.+?) ON (?P<what>.+?) TO ")
ROLE = re.compile(r"^GRANT (?P<roles>(?:`[^`]+`(?:@`[^`]+`)?,? ?)+) TO ")


@contextmanager
def proven(place: Place) -> Iterator[Connection]:
    """A connection to a place, whose account cannot write, for as long as it is looked at.

    What the database says when it refuses is told as a SourceError.
    """
    engine = engines.create(place.url)
    try:
        with engine.connect() as connection:
            prove_read_only(connection, place.url, place.allow_writing_account)
            yield connection
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as fault:
        raise failures.explain(fault, place.url) from fault
    finally:
        engine.dispose()


def prove_read_only(connection: Connection, url: URL, named_in_settings: str = "") -> None:
    """Raises SourceError when the account of a connection can write and is not allowed by name to be one that can."""
    if (url.username or "") in allowed_accounts(named_in_settings):
        return
    found = PROOFS.get(connection.dialect.name, _not_known)(connection)
    if found:
        raise can_write(url, found)


def allowed_accounts(named_in_settings: str = "") -> frozenset[str]:
    """The accounts that may be used although they can write."""
    named = (*os.environ.get(ALLOWED, "").split(","), named_in_settings)
    return frozenset(name.strip() for name in named if name.strip())


def can_write(url: URL, found: str) -> SourceError:
    """The sentence for an account that can write, with the statements that make one that cannot."""
    user, statements = url.username or "?", " ".join(reader_statements(url))
    return SourceError(
        f"The account `{user}` could change the company's data ({found}), so it is not used; make one that only reads: "
        f"{statements} Or allow this one by name: {ALLOWED}={user}",
        key="source_account_writes",
        user=user,
        found=found,
        statements=statements,
        setting=f"{ALLOWED}={user}",
    )


def reader_statements(url: URL) -> tuple[str, ...]:
    """The SQL that makes an account which can only read the database of a URL."""
    if url.get_backend_name() == "postgresql":
        return (
            f"CREATE ROLE {READER} LOGIN PASSWORD '...';",
            f"GRANT USAGE ON SCHEMA public TO {READER};",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER};",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {READER};",
        )
    return (
        f"CREATE USER {READER} IDENTIFIED BY '...';",
        f"GRANT SELECT ON `{url.database}`.* TO {READER};",
    )


def _not_known(_: Connection) -> str:
    return ""


def _postgresql(connection: Connection) -> str:
    """What an account of PostgreSQL could write; empty when nothing."""
    for _, query in POSTGRESQL:
        found = connection.execute(text(query)).scalar()
        if found:
            return str(found)
    return ""


def _mysql(connection: Connection) -> str:
    """What an account of MariaDB or MySQL could write; empty when nothing."""
    grants = [str(line) for line in connection.execute(text("SHOW GRANTS")).scalars()]
    return writing_grant([*grants, *_of_roles(connection, grants)])


def _of_roles(connection: Connection, grants: Iterable[str]) -> list[str]:
    """The grants of the roles that an account could take on."""
    roles = [role for line in grants for role in _roles(line)]
    if not roles:
        return []
    if connection.dialect.is_mariadb:  # type: ignore[attr-defined]
        return _with_roles(connection, roles)
    using = text(f"SHOW GRANTS FOR CURRENT_USER() USING {', '.join(roles)}")
    return [str(line) for line in connection.execute(using).scalars()]


def _with_roles(connection: Connection, roles: Iterable[str]) -> list[str]:
    """MariaDB shows what a role may only to who has taken it on."""
    present = connection.execute(text("SELECT CURRENT_ROLE()")).scalar()
    grants: list[str] = []
    for role in roles:
        connection.execute(text(f"SET ROLE {role}"))
        grants += [str(line) for line in connection.execute(text("SHOW GRANTS")).scalars()]
    connection.execute(text(f"SET ROLE `{present}`" if present else "SET ROLE NONE"))
    return grants


def _roles(line: str) -> list[str]:
    found = ROLE.match(line) if " ON " not in line else None
    return [role.strip() for role in found["roles"].split(",")] if found else []


def writing_grant(grants: Iterable[str]) -> str:
    """The first right among GRANT lines that lets an account write; empty when there is none."""
    for line in grants:
        found = GRANT.match(line)
        if found is None:
            continue
        rights = [part.strip() for part in re.sub(r"\([^)]*\)", "", found["rights"]).split(",")]
        writing = [right for right in rights if right.upper() not in LOOKING]
        if writing:
            return f"{writing[0]} ON {found['what'].replace('`', '')}"
    return ""


PROOFS: dict[str, Callable[[Connection], str]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mysql,
}
