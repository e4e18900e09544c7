"""One question asked by several at once is answered once: the others wait for the first, and take what it gets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from data_access.errors import AbandonedError
from data_access.running import LOOK_EVERY, nobody_waits, who_asks

Done = TypeVar("Done")


class Shared:
    """Questions that are being answered, by what tells them apart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Hashable, Future[Any]] = {}

    def once(self, key: Hashable, make: Callable[[], Done]) -> Done:
        """What `make` gives, or what another thread's `make` for the same key gives or raises.

        When the viewer of the one that runs goes on, the next takes over. Raises AbandonedError when one's own has.
        """
        while True:
            with self._lock:
                found = self._open.get(key)
                if found is None:
                    mine: Future[Done] = Future()
                    self._open[key] = mine
            if found is None:
                return self._make(key, mine, make)
            try:
                done: Done = _await(found)
                return done
            except AbandonedError:
                if not who_asks().waits():
                    raise

    def _make(self, key: Hashable, mine: Future[Done], make: Callable[[], Done]) -> Done:
        try:
            done = make()
        except BaseException as fault:
            self._close(key)
            mine.set_exception(fault)
            raise
        self._close(key)
        mine.set_result(done)
        return done

    def _close(self, key: Hashable) -> None:
        with self._lock:
            del self._open[key]


def _await(found: Future[Any]) -> Any:
    asker = who_asks()
    while True:
        try:
            return found.result(timeout=LOOK_EVERY)
        except TimeoutError:
            if found.done():
                raise
            if not asker.waits():
                raise nobody_waits() from None
