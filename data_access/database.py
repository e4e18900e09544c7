"""One database, opened once per process and shared by every session; what it holds is told by `facts`.

`Database.fetch` runs a select and gives a frame, fetched by Arrow where the driver has it, cached by statement,
parameters and data version. A file that is replaced while the app serves is noticed by its version (inode, size, time
of change) and opened afresh; queries that are running finish on the old one, and what they find is kept as the old
version's.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from cachetools import LRUCache
from sqlalchemy import Connection, Engine, Select, inspect
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError

from data_access import engines, failures
from data_access.account import prove_read_only
from data_access.errors import ChangedError, MappingError, SourceError, UnreachableError
from data_access.facts import Facts, read_facts
from data_access.mapped import unmapped_words
from data_access.mappings.live import Unmapped
from data_access.place import Place, find_place
from data_access.rights import PERMISSION
from data_access.rows import Row, to_frame, to_rows
from data_access.running import run
from data_access.sharing import Shared

LOG = logging.getLogger("clientele")
FRESH_FOR = 60.0  # seconds for which an answer of a database server is reused
FACTS_FRESH_FOR = 300.0  # seconds for which what a mapping makes of a server is taken to hold
LOOK_EVERY = 1.0  # seconds between looks at a file's version
WAIT_FOR = 30.0  # seconds for which a replaced file waits for running queries to end
CALM = 3.0  # seconds for which a server that could not be reached is not tried again
AWAY = ("source_unreachable", "source_host")
FRAMES_BYTES = 256 * 2**20


Held = TypeVar("Held")  # a frame or rows
Done = TypeVar("Done")
Form = Callable[[CursorResult[Any], Select[Any]], Held]


class Database:
    """One database; `version` changes whenever its data may have."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.url = place.url
        self._kept: LRUCache[Any, Any] = LRUCache(FRAMES_BYTES, getsizeof=_bytes)
        self._shared = Shared()
        self._facts: dict[str, Facts] = {}
        self._last_facts: Facts | None = None
        self._facts_until = 0.0
        self._down: tuple[float, UnreachableError] | None = None
        self._is_proven = engines.is_file(place.url)
        self._gate = threading.Condition()
        self._readers = 0
        self._engine: Engine | None = None
        self._opened_version = ""
        self._looked: tuple[float, str] = (-LOOK_EVERY, "")

    @cached_property
    def name(self) -> str:
        """Where the data are, without a password."""
        return failures.where(self.url)

    @cached_property
    def address(self) -> str:
        """What tells it from every other: the whole URL without its password, and how it is read."""
        return repr((self.url.render_as_string(hide_password=True), self.place.mapping, self.place.own))

    @property
    def version(self) -> str:
        """Identity of the data: the file's inode, size and time of change, or the minute for a server."""
        now = time.monotonic()
        if now - self._looked[0] >= LOOK_EVERY:
            self._looked = (now, self._look(now))
        return self._looked[1]

    def _look(self, now: float) -> str:
        if not engines.is_file(self.url):
            return f"{int(now // FRESH_FOR)}"
        try:
            stat = Path(self.url.database or "").stat()
        except OSError:
            return "missing"
        return f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"

    @contextmanager
    def reading(self) -> Iterator[tuple[Engine, str]]:
        """The engine, and the version of the data that it reads; neither changes before the block ends."""
        opened = self._enter()
        try:
            yield opened
        except (SQLAlchemyError, opened[0].dialect.loaded_dbapi.Error, ValueError, TypeError) as fault:
            raise failures.explain(fault, self.url) from fault
        finally:
            with self._gate:
                self._readers -= 1
                self._gate.notify_all()

    def _enter(self) -> tuple[Engine, str]:
        """Open the file afresh when it was replaced, once nobody reads the old one; new readers wait for that."""
        until = time.monotonic() + WAIT_FOR
        with self._gate:
            while self._engine is None or self._opened_version != self._wanted_version():
                if self._readers == 0:
                    self._reopen(self._wanted_version())
                elif not self._gate.wait(until - time.monotonic()):
                    break  # a query of half a minute is running: read on what it reads
            engine = self._engine
            assert engine is not None
            self._readers += 1
            return engine, self._opened_version if engines.is_file(self.url) else self.version

    def _wanted_version(self) -> str:
        return self.version if engines.is_file(self.url) else "server"

    def _reopen(self, version: str) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        self._engine = engines.create(self.url)
        self._opened_version = version
        self._gate.notify_all()

    def fetch(self, query: Select[Any], scope: str = "") -> pd.DataFrame:
        """The rows of `query`; the same statement on the same data is answered from memory within `scope`."""
        return self._answered(query, scope, to_frame).copy(deep=False)

    def rows(self, query: Select[Any], scope: str = "") -> list[Row]:
        """The same as `fetch` for a few rows that are to be reckoned with one by one: no frame in between."""
        return [dict(row) for row in self._answered(query, scope, to_rows)]

    def _answered(self, query: Select[Any], scope: str, form: Form[Held]) -> Held:
        """What a statement gives in a form (`to_frame`, `to_rows`): from memory, or run for all who ask, and kept."""
        query = self._whole(query)
        with self.reading() as (engine, version):
            key = (form, version, scope, *_statement_key(query, engine))
            with self._gate:
                found: Held | None = self._kept.get(key)
            return (
                self._shared.once(key, lambda: self._run_and_keep(engine, key, query, form)) if found is None else found
            )

    def _run_and_keep(self, engine: Engine, key: Any, query: Select[Any], form: Form[Held]) -> Held:
        def work(connection: Connection) -> Held:
            result = connection.execute(query)
            engines.check_whole(result, self.url)
            return form(result, query)

        found = self._run(engine, work)
        with self._gate:
            if _bytes(found) < FRAMES_BYTES // 4:
                self._kept[key] = found
        return found

    def _whole(self, query: Select[Any]) -> Select[Any]:
        """The query with the canonical tables that a mapping makes for it."""
        mapped = self.facts.mapped if self.place.is_mapped else None
        return mapped.over(query) if mapped else query

    def _run(self, engine: Engine, work: Callable[[Connection], Done]) -> Done:
        """Put a question, unless the server could not be reached a moment ago."""
        down = self._down
        if down is not None and time.monotonic() < down[0]:
            raise down[1].with_traceback(None)
        try:
            if not self._is_proven:
                run(engine, self.url, self._prove)
                self._is_proven = True
            done = run(engine, self.url, work)
        except UnreachableError as fault:
            self._down = (time.monotonic() + (CALM if fault.key in AWAY else 0), fault)
            raise
        except SourceError as fault:
            if isinstance(fault, ChangedError) or fault.key == PERMISSION:
                self._facts, self._facts_until = {}, 0.0  # they are not true any more
            raise
        self._down = None
        return done

    def _prove(self, connection: Connection) -> None:
        prove_read_only(connection, self.url, self.place.allow_writing_account)

    def knock(self) -> None:
        """Try to read the database, whatever is known of it. Raises SourceError."""
        with self.reading() as (engine, _):
            self._run(engine, lambda connection: inspect(connection).get_table_names())

    def forget(self) -> None:
        """Drop everything that is kept."""
        with self._gate:
            self._kept.clear()

    def sql(self, query: Select[Any]) -> str:
        """The statement with its values written in, ready to be run by hand."""
        query = self._whole(query)
        with self.reading() as (engine, _):
            return str(query.compile(dialect=engines.by_hand(engine.dialect), compile_kwargs={"literal_binds": True}))

    @property
    def facts(self) -> Facts:
        """What this version of the data holds, read once per version; the last known while it cannot be read."""
        try:
            with self.reading() as (engine, version):
                facts = self._facts.get(version) or self._lasting_facts()
                if facts is None:
                    facts = self._shared.once(("facts", version), lambda: self._read_facts(engine, version))
        except UnreachableError:
            if self._last_facts is None:
                raise
            facts = self._last_facts
        return facts

    def _lasting_facts(self) -> Facts | None:
        """What a mapping makes of a server costs a look at its whole log: it holds for some minutes."""
        is_fresh = time.monotonic() < self._facts_until
        return self._last_facts if is_fresh and self.place.is_mapped and not engines.is_file(self.url) else None

    def _read_facts(self, engine: Engine, version: str) -> Facts:
        facts = self._run(engine, lambda connection: read_facts(connection, self.place, self.name))
        self._facts = {version: facts}
        self._last_facts, self._facts_until = facts, time.monotonic() + FACTS_FRESH_FOR
        return facts

    def unmapped(self, facts: Facts, tables: Iterable[str]) -> list[Unmapped]:
        """The words in these tables that no value map of the mapping knows; each table is asked once for its facts.

        What cannot be told is not waited for again: it is said beside figures, and is none itself.
        """
        names = frozenset(tables) & frozenset(facts.mapped.columns if facts.mapped else facts.words)
        unasked = sorted(names - set(facts.words))
        if unasked:
            self._shared.once(("words", id(facts), *unasked), lambda: self._ask_words(facts, unasked))
        return [one for name in sorted(names) for one in facts.words.get(name, ())]

    def _ask_words(self, facts: Facts, tables: Sequence[str]) -> None:
        found: list[Unmapped] = []
        settings = facts.mapped.manifest.settings if facts.mapped else {}
        try:
            with self.reading() as (engine, _):
                found = self._run(engine, lambda connection: unmapped_words(connection, self.place, settings, tables))
        except UnreachableError:
            return
        except (SourceError, MappingError) as fault:
            LOG.warning("Words that no value map knows cannot be told: %s", fault)
        facts.words.update({name: tuple(one for one in found if one.table == name) for name in tables})

    @property
    def identity(self) -> str:
        """A short name for this database and version, for cache keys and exports."""
        return hashlib.sha256(f"{self.address}|{self.version}".encode()).hexdigest()[:12]


_DATABASES: dict[str, Database] = {}
_OPENING = threading.Lock()


def database(source: str, mapping: str = "") -> Database:
    """The process's one `Database` for a path, a URL or a settings file, through a mapping if one is named."""
    place = find_place(source, mapping)
    with _OPENING:
        if place.key not in _DATABASES:
            _DATABASES[place.key] = Database(place)
        return _DATABASES[place.key]


def _bytes(kept: Any) -> int:
    """How much memory a frame or rows take, about: a number 8 bytes, a name or an identifier more."""
    if isinstance(kept, list):
        return 1024 + 256 * sum(len(row) for row in kept)
    return 1024 + 24 * int(kept.size)


def _statement_key(query: Select[Any], engine: Engine) -> tuple[Any, str]:
    """What tells statements apart: their structure, as SQLAlchemy's own cache sees it, and their values."""
    key = query._generate_cache_key()
    if key is not None:
        return key.key, repr([bound.effective_value for bound in key.bindparams])
    compiled = query.compile(dialect=engine.dialect)
    return str(compiled), repr(sorted(compiled.params.items()))


__all__ = ["Database", "Facts", "SourceError", "database", "to_frame"]
