"""What a click on a chart picks: the part of the answer whose rows are listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from charts.chart import Key
from charts.cohorts import cohort_name
from charts.values import NAMED_STAGES
from data_access.calendar import Calendar
from i18n.words import Words
from metrics.filters import NONE
from metrics.results import Breakdown, Bridge, Funnel, Result, StageTimes, Trend, Triangle

SEPARATOR = " · "
NAMES: dict[type[Result], tuple[str, ...]] = {
    Trend: ("from", "to"),
    Breakdown: ("group",),
    Bridge: ("group",),
    Funnel: ("stage",),
    StageTimes: ("stage",),
    Triangle: ("group", "cohort", "age"),
}


def part_of(result: Result, key: Key) -> Mapping[str, str]:
    """Names and values of what was picked, as text; `(none)` for a group in which nothing is recorded."""
    names = ("group",) if isinstance(result, Funnel) and "group" in result.frame else NAMES[type(result)]
    pairs = zip(names, key, strict=False)
    return {
        name: NONE if value is None else str(value) for name, value in pairs if not (value is None and name != "group")
    }


def part_title(part: Mapping[str, str], result: Result, words: Words, calendar: Calendar) -> str:
    """What was picked, as a reader says it."""
    if "from" in part:
        return words.numbers.dates(_day(part["from"]), _day(part["to"]))
    named = [_named(name, value, result, words) for name, value in part.items()]
    return SEPARATOR.join(named)


def _named(name: str, value: str, result: Result, words: Words) -> str:
    if value == NONE:
        return words("dimension.unknown")
    if isinstance(result, Triangle) and name == "cohort":
        return cohort_name(_day(value), result.grain, words)
    if isinstance(result, Triangle) and name == "age":
        return words.count(f"chart.age.{result.grain}", int(value))
    if name == "stage":
        return _stage(value, result, words)
    return value


def _stage(code: str, result: Result, words: Words) -> str:
    if code in NAMED_STAGES:
        return words(f"stage.{code}")
    rows = result.frame[result.frame["stage"].astype(str) == code]
    return str(rows["stage_name"].iloc[0]) if "stage_name" in rows and len(rows) else code


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
