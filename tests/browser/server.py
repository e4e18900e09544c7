"""Starts the app as its users do, and stops it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_START = 60.0  # seconds
MAKE_RUN = (sys.executable, "tools/serve.py", "--port", "{port}")
STREAMLIT_RUN = (sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "{port}")


@dataclass(frozen=True)
class Server:
    """A running app: its address, the database that it reads, and what it has printed."""

    url: str
    source: Path | str
    log: Path


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(source: Path | str, log: Path, command: tuple[str, ...] = MAKE_RUN) -> Iterator[Server]:
    """The app over a database, from its first answer to the end of the block."""
    port = free_port()
    told = {**os.environ, "CLIENTELE_SOURCE": str(source), "PYTHONUNBUFFERED": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [part.format(port=port) for part in command], cwd=ROOT, env=told, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield Server(f"http://127.0.0.1:{port}", source, log)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + LONGEST_START
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"The app did not start: {log.read_text()}")
