"""The app as it is served, on a port of its own, and the processor time that it uses."""

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

ROOT = Path(__file__).parent.parent
LONGEST_START = 60.0  # seconds


@dataclass(frozen=True)
class Server:
    """A running app."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Milliseconds of processor time that the process has used since it began, all its threads together."""
        clock = (~self.pid << 3) | 2  # Linux: the clock of another process, clock_getcpuclockid(3)
        return time.clock_gettime(clock) * 1e3


@contextmanager
def served(source: Path) -> Iterator[Server]:
    """The app over a company's file, started as `make run` does and ended afterwards."""
    port = free_port()
    command = [sys.executable, "tools/serve.py", "--port", str(port)]
    environment = os.environ | {"CLIENTELE_SOURCE": str(source)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The app ended with code {process.returncode} before it answered at {address}.")
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The app did not answer at {address} within {LONGEST_START:.0f} seconds.")
