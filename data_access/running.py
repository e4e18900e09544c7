"""How a question is put to a database: with a limit, for as long as somebody waits, and once more when it was cut off.

    run(engine, url, work)     what `work(connection)` gives

A session of the app has at most one question running and one waiting; a newer one takes the place of the one that
waits. A question that takes too long, or that nobody waits for any more, is stopped in the database itself: by the
engine's own limit where it has one (data_access/engines.py), and else, or when a viewer goes on, by cancelling it from
outside. When no connection is free it waits a while; when its connection drops it is put once more.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access import failures
from data_access.errors import AbandonedError, ClienteleError, SourceError

SETTING = "CLIENTELE_QUERY_SECONDS"
LONGEST = 30.0  # seconds for one question, unless the setting says otherwise; 0 is no limit
LOOK_EVERY = 0.1  # seconds between looks at what runs and at who still waits
GRACE = 2.0  # seconds after the engine's own limit at which a question is stopped from outside
CUT_AFTER = 5.0  # seconds after a vain attempt to cancel at which the connection itself is cut
BUSY_FOR = 10.0  # seconds to wait for a free connection
BUSY_AGAIN = 0.25
AGAIN_AFTER = 0.5  # seconds before a question is put again whose connection was dropped
OWN_LIMIT = ("postgresql", "mysql", "mariadb", "clickhouse")  # engines that stop a statement by themselves

Done = TypeVar("Done")


# -- the limit ------------------------------------------------------------------------------------------------------
def longest() -> float:
    """Seconds that one question may take; 0 means no limit. Raises SourceError for a setting that is no number."""
    written = os.environ.get(SETTING, "").strip()
    try:
        seconds = float(written) if written else LONGEST
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 10**6:
        raise SourceError(
            f"{SETTING} is {written!r}; write a number of seconds, such as 30, or 0 for no limit.",
            key="setting_wrong",
            name=SETTING,
            value=written,
        )
    return seconds


def took_too_long() -> SourceError:
    """The sentence for a question that reached its limit."""
    seconds = f"{longest():g}"
    return SourceError(
        f"The question took longer than {seconds} seconds and was stopped; choose a shorter period or fewer groups, "
        f"or raise {SETTING}.",
        key="query_too_long",
        seconds=seconds,
        setting=SETTING,
    )


# -- who waits ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Asker:
    """Who waits for an answer: a session of the app by its name. `waits` turns false when its viewer has gone on."""

    name: str
    waits: Callable[[], bool]


ANYBODY = Asker("", lambda: True)  # a command: it waits, and has no second question
_who: Callable[[], Asker] = lambda: ANYBODY  # noqa: E731


def tell_who_asks(who: Callable[[], Asker]) -> None:
    """From now on `who()` says, in the thread that puts a question, who waits for its answer."""
    global _who
    _who = who


def who_asks() -> Asker:
    """Who waits for what this thread asks."""
    return _who()


def nobody_waits() -> AbandonedError:
    """Said to the thread whose viewer has gone on."""
    return AbandonedError("Nobody waits for this answer any more.")


class Turns:
    """Who has a question running and who has one waiting: one each for every session."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._running: dict[str, object] = {}
        self._waiting: dict[str, object] = {}

    @contextmanager
    def take(self, asker: Asker) -> Iterator[None]:
        """Wait until the session's earlier question has ended. Raises AbandonedError when a newer one comes first."""
        if not asker.name:
            yield
            return
        ticket = object()
        self._wait(asker, ticket)
        try:
            yield
        finally:
            with self._moved:
                del self._running[asker.name]
                self._moved.notify_all()

    def _wait(self, asker: Asker, ticket: object) -> None:
        with self._moved:
            if not asker.waits():  # gone before its turn to ask: it must not take the place of a newer question
                raise nobody_waits()
            self._waiting[asker.name] = ticket
            self._moved.notify_all()
            while True:
                if self._waiting.get(asker.name) is not ticket:
                    raise nobody_waits()
                if not asker.waits():
                    del self._waiting[asker.name]
                    raise nobody_waits()
                if asker.name not in self._running:
                    self._running[asker.name] = self._waiting.pop(asker.name)
                    return
                self._moved.wait(LOOK_EVERY)


TURNS = Turns()


# -- what runs ------------------------------------------------------------------------------------------------------
@dataclass(eq=False)
class Running:
    """One question that is being answered; `stopped` says why it was stopped: `too_long`, `abandoned`, or nothing."""

    connection: Connection
    asker: Asker
    until: float
    stopped: str = ""
    stopped_at: float = 0.0
    is_over: bool = False
    is_being_cancelled: bool = False
    is_cut: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, now: float) -> bool:
        """Stop it when it is due, again if it had not begun by then; cut its connection when stopping is in vain.

        Whether it is over then: its own thread says so.
        """
        if not self.stopped:
            self.stopped = "too_long" if now >= self.until else "" if self.asker.waits() else "abandoned"
            self.stopped_at = now
        if not self.stopped:
            return False
        if not self.is_being_cancelled:
            self.is_being_cancelled = True
            threading.Thread(target=self._cancel, daemon=True).start()
        if not self.is_cut and now >= self.stopped_at + CUT_AFTER:
            self.is_cut = True
            cut(_driver(self.connection))
        return False

    def _cancel(self) -> None:
        """Cancel, unless it has ended meanwhile: its connection may be another question's by then."""
        with self.lock:
            if not self.is_over:
                with suppress(Exception):  # the server may have gone: the connection is cut a little later
                    cancel(self.connection)
        self.is_being_cancelled = False


@dataclass(eq=False)
class Due:
    """What a server has to answer before a moment, without being a question: else its connection is cut."""

    driver: Any
    until: float

    def look(self, now: float) -> bool:
        """Whether it is over, because its time is."""
        if now < self.until:
            return False
        cut(self.driver)
        return True


class Watch:
    """Looks after everything that runs, in one thread that sleeps while nothing does."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._running: set[Running | Due] = set()
        self._thread: threading.Thread | None = None

    def add(self, one: Running | Due) -> None:
        """Look after it from now on."""
        with self._moved:
            self._running.add(one)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, daemon=True, name="clientele-watch")
                self._thread.start()
            self._moved.notify_all()

    def leave(self, one: Running | Due) -> None:
        """It is over."""
        with self._moved:
            self._running.discard(one)

    @contextmanager
    def over(self, one: Running | Due) -> Iterator[None]:
        """Look after it until the block ends."""
        self.add(one)
        try:
            yield
        finally:
            self.leave(one)

    def _look(self) -> None:
        while True:
            with self._moved:
                while not self._running:
                    self._moved.wait()
                running = list(self._running)
            now = time.monotonic()
            for one in running:
                if one.look(now):
                    self.leave(one)
            time.sleep(LOOK_EVERY)


WATCH = Watch()


# -- to stop it from outside ----------------------------------------------------------------------------------------
def cancel(connection: Connection) -> None:
    """Stop what runs on a connection, from another thread."""
    driver = _driver(connection)
    CANCELS.get(connection.dialect.name, _not_known)(driver, connection.engine)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _not_known(_: Any, __: Engine) -> None:
    """Other engines go on until they have an answer or reach a limit of their own."""


def _by_interrupt(driver: Any, _: Engine) -> None:
    driver.interrupt()


def _by_request(driver: Any, _: Engine) -> None:
    driver.cancel_safe(timeout=CUT_AFTER)


def _by_kill(driver: Any, engine: Engine) -> None:
    """MariaDB and MySQL are told over a second connection."""
    arguments, named = engine.dialect.create_connect_args(engine.url)
    timeouts = {"connect_timeout": int(CUT_AFTER), "read_timeout": CUT_AFTER}
    second: Any = engine.dialect.connect(*arguments, **{**named, **timeouts})
    try:
        second.query(f"KILL QUERY {int(driver.thread_id())}")
    finally:
        second.close()


def _by_flag(driver: Any, _: Engine) -> None:
    driver.cancel()


CANCELS: dict[str, Callable[[Any, Engine], None]] = {
    "duckdb": _by_interrupt,
    "sqlite": _by_interrupt,
    "postgresql": _by_request,
    "mysql": _by_kill,
    "mariadb": _by_kill,
    "spark": _by_flag,
}


def cut(driver: Any) -> None:
    """End a server's connection from another thread, because nothing answers on it any more."""
    with suppress(Exception):
        number = driver.fileno() if hasattr(driver, "fileno") else driver._sock.fileno()
        with socket.socket(fileno=os.dup(number)) as line:
            line.shutdown(socket.SHUT_RDWR)


# -- to run it ------------------------------------------------------------------------------------------------------
def run(engine: Engine, url: URL, work: Callable[[Connection], Done]) -> Done:
    """What `work` gives over a connection. Raises SourceError, and AbandonedError when nobody waits for it any more."""
    asker = who_asks()
    with TURNS.take(asker):
        return _patiently(engine, url, work, asker)


def _patiently(engine: Engine, url: URL, work: Callable[[Connection], Done], asker: Asker) -> Done:
    """Once more after a dropped connection; again for a while when none is free."""
    until, was_put_again = time.monotonic() + BUSY_FOR, False
    while True:
        if not asker.waits():
            raise nobody_waits()
        try:
            return _once(engine, work, asker)
        except ClienteleError:
            raise
        except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error, ValueError, TypeError, OSError) as fault:
            if not asker.waits():
                raise nobody_waits() from fault
            if failures.was_dropped(fault) and not was_put_again:
                was_put_again = True
                time.sleep(AGAIN_AFTER)
            elif failures.kind_of(fault) == "busy" and time.monotonic() < until:
                time.sleep(BUSY_AGAIN)
            elif failures.kind_of(fault) == "stopped":
                raise took_too_long() from fault
            else:
                raise failures.explain(fault, url) from fault


def _once(engine: Engine, work: Callable[[Connection], Done], asker: Asker) -> Done:
    limit = longest()
    own = GRACE if engine.dialect.name in OWN_LIMIT else 0.0
    with engine.connect() as connection:
        running = Running(connection, asker, time.monotonic() + limit + own if limit else float("inf"))
        try:
            with WATCH.over(running):
                return work(connection)
        except Exception as fault:
            if running.stopped:
                raise (nobody_waits() if running.stopped == "abandoned" else took_too_long()) from fault
            raise
        finally:
            with running.lock:
                running.is_over = True
            if running.stopped:  # a late cancellation would hit the next question
                connection.invalidate()
