"""The way of deals through stages, counted once more in plain Python: what the funnel's tests compare with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Any

from tests.worlds import World

MAIN = (("s1", "One", "open"), ("s2", "Two", "open"), ("s3", "Three", "open"), ("won", "Yes", "won"),
        ("lost", "No", "lost"), ("void", "-", "void"))  # fmt: skip
OTHER = (("o1", "Other", "open"), ("o_won", "Sold", "won"))
STAGES = [
    {"stage_id": stage, "name": name, "outcome": outcome, "position": 10 * place, "pipeline_id": pipeline.lower(),
     "pipeline_name": pipeline}
    for pipeline, stages in (("Main", MAIN), ("Other", OTHER))
    for place, (stage, name, outcome) in enumerate(stages, start=1)
]  # fmt: skip
OUTCOMES = {str(row["stage_id"]): str(row["outcome"]) for row in STAGES}
ELSEWHERE = {stage for stage, _, _ in OTHER}
STEPS = ("s1", "s2", "s3", "won")
Move = tuple[str | None, str | datetime]


@dataclass(frozen=True)
class Deal:
    """One deal: its row and its stays."""

    row: dict[str, Any]
    stays: list[dict[str, Any]]


def deal(name: str, *moves: Move, rebuilt: bool = False, **more: Any) -> Deal:
    """A deal that entered stages at moments; a stage of None is one that the log no longer names."""
    times = [datetime.fromisoformat(at) if isinstance(at, str) else at for _, at in moves]
    stays = [
        {
            "opportunity_id": name, "seq": i, "stage_id": stage, "outcome": OUTCOMES.get(stage or "", "open"),
            "entered_at": times[i - 1], "left_at": times[i] if i < len(times) else None, "is_initial": i == 1,
            "is_reconstructed": rebuilt,
        }
        for i, (stage, _) in enumerate(moves, start=1)
    ]  # fmt: skip
    last = OUTCOMES.get(moves[-1][0] or "", "open")
    row = {
        "opportunity_id": name, "pipeline_id": "main", "stage_id": moves[-1][0] or "s1", "outcome": last,
        "created_at": times[0], "closed_at": None if last == "open" else times[-1], **more,
    }  # fmt: skip
    return Deal(row, stays)


def world(deals: Iterable[Deal], settings: Mapping[str, Any] | None = None, **tables: Any) -> World:
    """A company with these deals and the two pipelines."""
    given = list(deals)
    return World(
        {"data_as_of": "2026-06-01", **(settings or {})},
        pipelines_stages=STAGES,
        opportunities=[item.row for item in given],
        stage_history=[stay for item in given for stay in item.stays],
        **tables,
    )


# -- the same by hand -----------------------------------------------------------------------------------------------
@dataclass
class Record:
    """One record of a cohort: when it entered each step, and what became of it."""

    key: str
    entered: list[datetime | None]
    outcome: str
    last: int
    skips: int = 0
    backward: int = 0
    reopened: int = 0
    pending: bool = False

    def reached(self, place: int) -> datetime | None:
        """When it reached a step, by entering it or, unless it is lost, the next recorded one."""
        own = self.entered[place - 1]
        if own is not None or self.outcome == "lost":
            return own
        return next((at for at in self.entered[place:] if at is not None), None)

    def in_order(self, place: int) -> datetime | None:
        entries = self.entered[:place]
        if any(at is None for at in entries) or entries != sorted(entries):  # type: ignore[type-var]
            return None
        return entries[-1]

    def came(self, reading: str, place: int) -> datetime | None:
        if reading == "reached":
            return self.reached(place)
        return self.in_order(place) if reading == "in_order" else self.entered[place - 1]

    def days(self, reading: str, place: int) -> float | None:
        """Days from its own step before."""
        here = self.came(reading, place)
        before = next((at for p in range(place - 1, 0, -1) if (at := self.came(reading, p))), None)
        if here is None or before is None or here < before:
            return None
        return (here - before).total_seconds() / 86400


def place_of(stay: Mapping[str, Any]) -> int | None:
    """Place of the step that a stay is in; 0: not known; None: no step."""
    if stay["outcome"] == "won":
        return len(STEPS)
    if stay["outcome"] != "open":
        return None
    return STEPS.index(stay["stage_id"]) + 1 if stay["stage_id"] in STEPS[:-1] else 0


def record(item: Deal, until: datetime, window: int | None = None) -> Record | None:
    """A deal of the main pipeline as it was known just before `until`; None when it had entered nothing yet."""
    row = item.row
    if row["pipeline_id"] != "main" or row.get("is_deleted_in_source") or row["created_at"] >= until:
        return None
    stays = [s for s in item.stays if s["entered_at"] < until and s["stage_id"] not in ELSEWHERE]
    entries = [s["entered_at"] for s in stays if place_of(s) is not None]
    if not entries:
        return None
    first = min(entries)
    limit = None if window is None else first + timedelta(days=window)
    entered: list[datetime | None] = [None] * len(STEPS)
    known = [(place_of(s) if limit is None or s["entered_at"] <= limit else None, s) for s in stays]
    for place, stay in known:
        if place:
            entered[place - 1] = min(entered[place - 1] or stay["entered_at"], stay["entered_at"])
    closed = row["closed_at"] if row["outcome"] != "open" else None
    outcome = row["outcome"] if closed is not None and closed < until else stays[-1]["outcome"]
    if row["outcome"] == "won" and closed and closed < until and (limit is None or closed <= limit):
        entered[-1] = entered[-1] or closed
    last = [place for place, stay in known if place and stay["outcome"] == "open"]
    made = Record(row["opportunity_id"], entered, outcome, last[-1] if last else 0)
    made.pending = limit is not None and limit >= until
    _count_moves(made, known)
    return made


def _count_moves(made: Record, known: list[tuple[int | None, Mapping[str, Any]]]) -> None:
    before: tuple[int | None, Mapping[str, Any]] | None = None
    for place, stay in known:
        if place is not None:
            if before is None:
                made.skips += place > 1
            elif before[1]["outcome"] == "open":
                made.skips += bool(before[0]) and place > before[0] + 1
                made.backward += bool(before[0]) and stay["outcome"] == "open" and 0 < place < before[0]
            else:
                made.reopened += stay["outcome"] == "open"
        before = (place, stay)


def cohort(
    deals: Iterable[Deal], start: datetime, end: datetime, until: datetime, window: int | None = None
) -> list[Record]:
    """The records whose first entry lies from `start` up to, not including, `end`."""
    made = []
    for item in deals:
        entries = [s["entered_at"] for s in item.stays if place_of(s) is not None and s["stage_id"] not in ELSEWHERE]
        if entries and start <= min(entries) < end:
            made.append(record(item, until, window))
    return [item for item in made if item is not None]


def counts(records: Iterable[Record], reading: str = "reached") -> list[dict[str, Any]]:
    """One dict per step: what the funnel's frame says of it."""
    kept = [item for item in records if item.outcome != "void" and not item.pending]
    rows = []
    for place in range(1, len(STEPS) + 1):
        there = [item for item in kept if item.came(reading, place) is not None]
        days = [d for item in there if (d := item.days(reading, place)) is not None]
        rows.append({
            "stage": STEPS[place - 1],
            "reached": sum(item.reached(place) is not None for item in kept),
            "in_order": sum(item.in_order(place) is not None for item in kept),
            "entered": sum(item.entered[place - 1] is not None for item in kept),
            "count": len(there),
            "still_open": sum(item.outcome == "open" for item in there),
            "still_here": sum(item.outcome == "open" and item.last == place for item in kept),
            "lost": sum(item.outcome == "lost" and item.last == place for item in kept),
            "median_days": median(days) if days else None,
            "mean_days": fmean(days) if days else None,
        })  # fmt: skip
    return rows
