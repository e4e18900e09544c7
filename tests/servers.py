"""Database servers that tests can reach: empty databases on them, lent out and given back clean.

Making 27 tables on a server takes far longer than a test of a dozen rows, so the tables stay: what a world has filled is
emptied, and what it was without is made again, before the next one comes in.

What is lent is the URL of an account that can only read, as a company should give us one; `writer(url)` is the URL of
the one that filled the database.

    CLIENTELE_TEST_POSTGRES   URL of an account that may create databases
    CLIENTELE_TEST_MARIADB    the same for MariaDB or MySQL

Where these are not set, a server of our own is started from what is installed (tests/private_servers.py), and else the
one that this machine runs is asked.
"""

from __future__ import annotations

import atexit
import itertools
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import URL, DateTime, Engine, MetaData, String, create_engine, make_url, text
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.exc import SQLAlchemyError

from data_access.schema import loose
from tests import private_servers

DEFAULTS = {
    "postgresql": ("CLIENTELE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("CLIENTELE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/?charset=utf8mb4"),
}
TEXT_LENGTH = 190
READER, PASSWORD = f"clientele_reader_{os.getpid()}", secrets.token_hex(8)
MAKE_READER = {
    "postgresql": f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'",
    "mariadb": f"CREATE USER {READER} IDENTIFIED BY '{PASSWORD}'",
}
LET_READ = {
    "postgresql": f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {READER}",
    "mariadb": "GRANT SELECT ON `{database}`.* TO " + READER,
}
# A CRM brings its own; text of two collations cannot be compared.
OTHER_COLLATION = {"postgresql": "", "mariadb": " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"}
NUMBERS = itertools.count(1)
ASKED: set[str] = set()  # the kinds of server that were asked for: others are not started to give something back


def tables_for(name: str) -> MetaData:
    """The canonical tables as a server of this kind can hold them: MySQL wants to know how long a text may be and how fine a moment."""
    metadata = loose()
    if name == "mariadb":
        for table in metadata.tables.values():
            for column in table.columns:
                if isinstance(column.type, String):
                    column.type = String(TEXT_LENGTH)
                elif isinstance(column.type, DateTime):
                    column.type = DATETIME(fsp=6)
    return metadata


@dataclass
class Server:
    """A server, and the databases on it that are free to be lent."""

    name: str
    admin: Engine
    is_own: bool
    free: list[URL] = field(default_factory=list)
    lent: dict[str, tuple[URL, tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)

    def lend(self, filled: Iterable[str], without: Iterable[str]) -> str:
        """URL of an empty database with every table; `filled` and `without` say what will be done to it."""
        home = self.free.pop() if self.free else self._made()
        tag = {"postgresql": "application_name", "mariadb": "program_name"}[self.name]
        reading = home.set(username=READER, password=PASSWORD).update_query_dict({tag: f"world{next(NUMBERS)}"})
        url = reading.render_as_string(hide_password=False)
        self.lent[url] = home, tuple(filled), tuple(without)
        return url

    def give_back(self, url: str) -> None:
        """Empty what was filled and make again what was taken away."""
        if url not in self.lent:
            return
        home, filled, without = self.lent.pop(url)
        taken = {name.partition(".")[0] for name in without}
        engine = create_engine(home)
        metadata = tables_for(self.name)
        with engine.begin() as connection:
            for name in taken:
                connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
                metadata.tables[name].create(connection)
            for name in set(filled) - taken:
                connection.execute(metadata.tables[name].delete())
        engine.dispose()
        self.free.append(home)

    def _made(self) -> URL:
        name = f"clientele_{os.getpid()}_{next(NUMBERS)}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            if self.name == "postgresql":  # nothing in it outlives the test
                connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        if not self.is_own:
            atexit.register(self._drop, name)
        home = self.admin.url.set(database=name)
        self._let_read(home)
        engine = create_engine(home)
        tables_for(self.name).create_all(engine)
        engine.dispose()
        return home

    def bare(self) -> str:
        """URL of a new database without any table, to fill it (`reading(url)` to read it); `take_away` ends it."""
        name = f"clientele_{os.getpid()}_{next(NUMBERS)}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}{OTHER_COLLATION[self.name]}"))
        home = self.admin.url.set(database=name)
        self._let_read(home)
        return home.render_as_string(hide_password=False)

    def _let_read(self, home: URL) -> None:
        """The account that only reads may read what will be made in a database."""
        engine = create_engine(home)
        with engine.begin() as connection:
            connection.execute(text(LET_READ[self.name].format(database=home.database)))
        engine.dispose()

    def _drop(self, name: str) -> None:
        force = " WITH (FORCE)" if self.name == "postgresql" else ""
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}{force}"))

    def make_reader(self) -> None:
        """The account that is lent; it goes when the tests end."""
        with self.admin.connect() as connection:
            connection.execute(text(MAKE_READER[self.name]))
        if not self.is_own:
            atexit.register(self._drop_reader)  # after its databases: what was registered last goes first

    def _drop_reader(self) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP {'ROLE' if self.name == 'postgresql' else 'USER'} {READER}"))


@cache
def server(name: str) -> Server | str:
    """The server of this kind: the one that is named, else one of our own, else the one of this machine, or why none."""
    ASKED.add(name)
    variable, default = DEFAULTS[name]
    own = None if variable in os.environ else private_servers.start(name)
    url = make_url(os.environ.get(variable) or own or default)
    try:
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, ImportError) as fault:
        return f"no {name} at {url.host}:{url.port} ({type(fault).__name__}); install one, or name one by {variable}"
    found = Server(name, admin, own is not None)
    found.make_reader()
    return found


def running(name: str) -> Server | None:
    """The server of this kind, if a test has asked for it."""
    found = server(name) if name in ASKED else None
    return found if isinstance(found, Server) else None


def writer(url: str) -> str:
    """URL of the account that may fill the database of a URL that was lent."""
    for name in DEFAULTS:
        found = running(name)
        if found is not None and url in found.lent:
            return found.lent[url][0].render_as_string(hide_password=False)
    raise KeyError(f"{url} was not lent")


def reading(url: str) -> str:
    """URL of the account that can only read a database, from that of the one that fills it; of a file, the same."""
    made = make_url(url)
    if made.get_backend_name() not in ("postgresql", "mysql"):
        return url
    return made.set(username=READER, password=PASSWORD).render_as_string(hide_password=False)


def give_back(url: str) -> None:
    """Give a database back to the server that it came from."""
    for name in DEFAULTS:
        found = running(name)
        if found is not None:
            found.give_back(url)


def take_away(url: str) -> None:
    """End a database that was made bare."""
    made = make_url(url)
    name = {"postgresql": "postgresql", "mysql": "mariadb"}.get(made.get_backend_name(), "")
    found = server(name) if name else None
    if isinstance(found, Server) and made.database:
        found._drop(made.database)
