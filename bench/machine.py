"""Where it was measured: processor, versions, load, file."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("duckdb", "duckdb-sqlalchemy", "sqlalchemy", "pandas", "pyarrow", "streamlit", "plotly")
LOOPS = 1_000_000


def description(path: Path, lines: int) -> str:
    """What every figure below depends on."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return "\n".join(
        [
            f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
            f"Python {platform.python_version()}, {platform.system()}, {versions}",
            f"company of {lines:,} order lines, {path.stat().st_size / 1e6:,.0f} MB",
            load(),
        ]
    )


def load() -> str:
    """How busy the machine is, and what a plain loop costs on it just now: CPU figures move with that."""
    busy = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"load {busy}; a Python loop of {LOOPS:,} additions takes {_loop():.0f} ms of CPU"


def _loop() -> float:
    began, total = time.process_time(), 0
    for number in range(LOOPS):
        total += number
    return (time.process_time() - began) * 1e3


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (ValueError, OSError):
        return "memory unknown"
