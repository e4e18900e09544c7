"""What a database is doing, as it tells itself: the questions that run on it now, and the means to disturb them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, func, make_url, select, text, true

from data_access.database import Database
from data_access.schema import TABLES
from tests import servers
from tests.servers import READER
from tests.worlds import World

# Four times the orders with themselves: some 10^10 rows, which no engine counts within a minute.
MANY = World(orders=[{"net": i} for i in range(400)])
RUNNING = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE usename = :user AND state = 'active' AND datname = :database",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE user = :user AND command = 'Query' AND db = :database",
}
END = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL CONNECTION {}"}


def endless(salt: int = 0):
    """A question that takes minutes; another one for each `salt`."""
    a, b, c, d = (TABLES["orders"].alias(name) for name in ("a", "b", "c", "d"))
    everything = a.join(b, true()).join(c, true()).join(d, true())
    is_none = a.c.net * b.c.net + c.c.net * d.c.net < -1 - salt
    return select(func.count().label("n")).select_from(everything).where(is_none)


def quick():
    """A question that takes no time."""
    return select(func.count().label("n")).select_from(TABLES["orders"])


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Activity:
    """The activity view of a server, for one database that was lent."""

    name: str
    url: str

    @property
    def admin(self) -> Engine:
        found = servers.running(self.name)
        assert found is not None
        return found.admin

    def running(self) -> list[int]:
        """The connections on which a question of ours runs at this moment."""
        with self.admin.connect() as connection:
            given = {"user": READER, "database": make_url(self.url).database}
            return [int(number) for number in connection.execute(text(RUNNING[self.name]), given).scalars()]

    def end(self, number: int) -> None:
        """Cut a connection off, as an administrator does."""
        with self.admin.connect() as connection:
            connection.execute(text(END[self.name].format(number)))


@dataclass
class Watched:
    """The same for a file, whose engine runs in this process: what our own watch looks after."""

    base: Database

    def running(self) -> list[int]:
        from data_access.running import WATCH

        return [id(one) for one in set(WATCH._running) if one.connection.engine is self.base._engine]


def activity(name: str, url: str, base: Database) -> Activity | Watched:
    """How the activity of an engine is seen."""
    return Activity(name, url) if name in RUNNING else Watched(base)
