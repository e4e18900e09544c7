"""Processor time of two ways to the same answer, taken in turn, so that a busy moment meets both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 20.0  # seconds for one pair


@dataclass(frozen=True)
class Times:
    """Milliseconds of several runs; CPU counts every thread of the process."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]

    @property
    def least(self) -> float:
        return min(self.cpu)

    @property
    def median(self) -> float:
        return statistics.median(self.cpu)


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> tuple[Times, Times]:
    """Times of both ways; each is run once before, unmeasured."""
    ways = (ours, theirs)
    taken: tuple[list[tuple[float, float]], ...] = ([], [])
    for way in ways:
        way()
    began = time.monotonic()
    while len(taken[0]) < runs and (len(taken[0]) < 3 or time.monotonic() - began < LONGEST):
        for way, into in zip(ways, taken, strict=True):
            into.append(_timed(way))
    first, second = (Times(tuple(c for c, _ in each), tuple(w for _, w in each)) for each in taken)
    return first, second


def _timed(way: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    way()
    return (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3
