"""`/readyz`: whether the app can answer questions now, for whoever runs it; `/_stcore/health` says that it runs.

    200 ready               the database was just read
    503 not ready: KEY      it could not be; KEY is the kind of failure, the sentence is in the log

Nothing of the database's address is told here: nobody signs in to ask. It is asked at most once in two seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data_access.database import database
from data_access.errors import ClienteleError
from ui import company

LOG = logging.getLogger("clientele")
KEPT_FOR = 2.0  # seconds
WAITED_FOR = 3.0  # seconds for which a probe waits for another one's answer
_ASKING = threading.Lock()
_last: tuple[float, str] = (-KEPT_FOR, "")


def readyz(_: Request) -> Response:
    """Answer a probe; the server runs it beside its loop, so that a database that is slow holds up nobody."""
    fault = fault_now()
    return PlainTextResponse(f"not ready: {fault}\n" if fault else "ready\n", 503 if fault else 200)


def fault_now() -> str:
    """The kind of failure that keeps the app from reading its database; empty when nothing does."""
    global _last
    if not _ASKING.acquire(timeout=WAITED_FOR):
        return "slow"  # an earlier probe still waits for the database
    try:
        if time.monotonic() - _last[0] >= KEPT_FOR:
            fault = _fault()
            _last = (time.monotonic(), fault)
        return _last[1]
    finally:
        _ASKING.release()


def _fault() -> str:
    try:
        name = company.source_name()
        if Path(name) == company.DEMO and not company.DEMO.exists():
            return ""  # the first visit makes it
        database(name).knock()
    except ClienteleError as fault:
        LOG.warning("not ready: %s", fault)
        return fault.key or "unknown"
    return ""


ROUTES = (Route("/readyz", readyz, methods=["GET"]),)
