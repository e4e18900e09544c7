"""The pages as they are served: processor time of the server, bytes and charts of a rerun, time of a filter change.

A visitor (bench/visitor.py) opens each page of a real server over its websocket and then

    again     asks for the same page anew: every answer, chart and card is remembered; the goals are about this
    back      goes to a period that was looked at before, as with the browser's Back: remembered, but to be sent anew
    change    goes to a period that nobody has asked for yet: every figure is counted

`CPU` is what the server's process used, per run; `kB` is what its messages weigh for a visitor who keeps the large
messages as a browser does; the note says what they weigh for one who keeps nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.server import Server, served
from bench.table import Line
from bench.visitor import Run, Visitor

PAGES = ("overview", "retention", "funnel")
MOST_CPU, MOST_BYTES, MOST_CHARTS = 50.0, 40_000, 8
AT_ONCE = 5  # runs between two looks at the clock
FIRST_DAY, DAYS = date(2025, 1, 1), 200  # the periods of the changes


@dataclass(frozen=True)
class Cost:
    """What one kind of run costs: milliseconds of the server's CPU and of waiting, the last run's messages."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]
    last: Run

    @property
    def least(self) -> float:
        return min(self.cpu)

    @property
    def median(self) -> float:
        return statistics.median(self.cpu)


def measure(path: Path, runs: int) -> Iterator[Line]:
    """Three lines per page."""
    with served(path) as server:
        for page in PAGES:
            yield from _of_page(server, page, runs)


def _of_page(server: Server, page: str, runs: int) -> Iterator[Line]:
    with Visitor(server.port, page, remembers=False) as forgetful:
        forgetful.run()
        whole = forgetful.run().size
    with Visitor(server.port, page) as visitor:
        yield _again(server, visitor, page, runs, whole)
        yield _line(f"{page}, back", timed(server, back_and_forth(visitor), runs, 2))
        yield _line(f"{page}, change", timed(server, changes(visitor), runs, 1))


def _again(server: Server, visitor: Visitor, page: str, runs: int, whole: int) -> Line:
    warm_up(visitor)
    cost = timed(server, visitor.run, runs, AT_ONCE)
    drawn = cost.last
    is_met = cost.least <= MOST_CPU and drawn.size <= MOST_BYTES and drawn.charts <= MOST_CHARTS
    return _line(f"{page}, again", cost, is_met, f"{whole / 1e3:.1f} kB to one who keeps nothing")


def _line(name: str, cost: Cost, is_met: bool | None = None, note: str = "") -> Line:
    figures = {
        "CPU ms": f"{cost.least:.0f}",
        "(median)": f"{cost.median:.0f}",
        "wall ms": f"{min(cost.wall):.0f}",
        "kB": f"{cost.last.size / 1e3:.1f}",
        "charts": str(cost.last.charts),
    }
    return Line(name, figures, is_met, note)


def warm_up(visitor: Visitor) -> Run:
    """Run a page until nothing new is counted or kept."""
    for _ in range(3):
        drawn = visitor.run()
    return drawn


def timed(server: Server, run: Callable[[], Run], times: int, at_once: int) -> Cost:
    """The cost of a kind of run, each time the mean of some in a row."""
    cpu, wall = [], []
    for _ in range(times):
        before, drawn = server.cpu(), [run() for _ in range(at_once)]
        cpu.append((server.cpu() - before) / at_once)
        wall.append(statistics.mean(each.seconds for each in drawn) * 1e3)
    return Cost(tuple(cpu), tuple(wall), drawn[-1])


def changes(visitor: Visitor) -> Callable[[], Run]:
    """Each call goes to a period that was not asked for before."""
    number = 0

    def run() -> Run:
        nonlocal number
        number += 1
        return visit(visitor, FIRST_DAY + timedelta(days=number))

    return run


def back_and_forth(visitor: Visitor) -> Callable[[], Run]:
    """Each call goes to the other one of two periods, both of which have been looked at."""
    days = [FIRST_DAY - timedelta(days=1), FIRST_DAY - timedelta(days=2)]
    for day in days:
        visit(visitor, day)

    def run() -> Run:
        days.reverse()
        return visit(visitor, days[0])

    return run


def visit(visitor: Visitor, first: date) -> Run:
    """Go to the page with another period; everything else stays as it is in the address."""
    others = [part for part in visitor.query.split("&") if not part.startswith("period=")]
    visitor.query = "&".join([*others, f"period={first}..{first + timedelta(days=DAYS)}"])
    return visitor.run()
