"""One readable table: what was measured, beside what, and whether its goal is met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measured thing: its figures by heading, and whether its goal is met (None: it has none)."""

    name: str
    figures: dict[str, str]
    is_met: bool | None = None
    note: str = ""

    @property
    def has_goal(self) -> bool:
        return self.is_met is not None


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


def show(title: str, lines: Iterable[Line]) -> list[Line]:
    """Print a title and each line as it is measured; gives the lines."""
    say(f"\n{title}")
    shown: list[Line] = []
    for line in lines:
        if not shown:
            say(_row("", list(line.figures), "goal"))
        say(_row(line.name, list(line.figures.values()), _mark(line)))
        shown.append(line)
    return shown


def misses(lines: Iterable[Line]) -> list[str]:
    """What misses its goal."""
    return [line.name for line in lines if line.is_met is False]


def _mark(line: Line) -> str:
    mark = {True: "ok", False: "MISSED", None: "-"}[line.is_met]
    return f"{mark} {line.note}".rstrip()


def _row(name: str, figures: Sequence[str], mark: str) -> str:
    return f"  {name:<34}" + "".join(f"{figure:>12}" for figure in figures) + f"  {mark}"
