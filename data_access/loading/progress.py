"""Lines that tell how a long load is getting on: what is being done, how far it is, how long it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

EVERY = 3.0  # seconds between lines about one and the same step


def silent(_text: str) -> None:
    """Tell nobody."""


@contextmanager
def step(
    tell: Callable[[str], None],
    text: str,
    connection: duckdb.DuckDBPyConnection,
    *,
    is_one_statement: bool = False,
) -> Iterator[Callable[[str], None]]:
    """Tell how a step gets on while the block runs, and its outcome when it ends."""
    began, outcome = time.monotonic(), [text]

    def look(seconds: float) -> None:
        share = connection.query_progress() if is_one_statement else -1.0
        tell(f"  {text} ...{f' {share:.0f} %' if share > 0 else ''} ({seconds:.0f} s)")

    with meanwhile(look):
        yield lambda said: outcome.__setitem__(0, said)
    tell(f"  {outcome[0]} ({time.monotonic() - began:.1f} s)")


@contextmanager
def meanwhile(look: Callable[[float], None]) -> Iterator[None]:
    """While the block runs, `look(seconds since it began)` now and then."""
    began, ended = time.monotonic(), threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY):
            look(time.monotonic() - began)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
