"""What a metric is: a name, a unit, which way is better, what it reads, and how it answers a question.

Every file in `metrics/` that defines `METRIC` is a metric; nothing else needs to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from data_access.errors import QuestionError

if TYPE_CHECKING:
    from sqlalchemy import Select

    from data_access.source import Source
    from metrics.question import Question
    from metrics.results import Result


class Unit(StrEnum):
    """What a value is measured in; ratios are 0 to 1 until they are shown. CONTRIBUTING.md says which to take."""

    MONEY = "money"
    COUNT = "count"
    NUMBER = "number"
    RATIO = "ratio"
    SCORE = "score"
    DAYS = "days"
    DATE = "date"
    TEXT = "text"
    FLAG = "flag"


class Better(StrEnum):
    """Which way is better, for the colour of a change and for nothing else."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


SALES_FILTERS = ("region", "country", "channel", "segment", "owner", "team", "category")
DEAL_FILTERS = ("region", "country", "channel", "segment", "owner", "team")
CUSTOMER_FILTERS = ("region", "country", "segment")


@dataclass(frozen=True)
class Option:
    """A choice that changes what is asked: its permitted values (none: any text) and its default."""

    values: tuple[str, ...] = ()
    default: str = ""
    meaning: str = ""

    @property
    def named_values(self) -> str:
        """The permitted values as a list to be read; none: any text."""
        return ", ".join(value or "(empty)" for value in self.values)


@dataclass(frozen=True)
class Metric:
    """One metric. `needs` names the tables that it reads; `filters` and `dimensions` those that have a meaning for it.

    A composite metric is made of other metrics' answers; each of those applies the filters itself.
    """

    name: str
    unit: Unit
    better: Better
    answer: Callable[[Source, Question], Result]
    needs: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    columns: Mapping[str, tuple[Unit | None, str]] = field(default_factory=dict)
    parts: Any = None
    listing: Callable[[Source, Question, Mapping[str, str]], Select[Any]] | None = None
    is_composite: bool = False

    @property
    def is_kpi(self) -> bool:
        """A key figure: one value per period, bucket or group (metrics/kpi.py)."""
        return self.parts is not None

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def all_metrics() -> Mapping[str, Metric]:
    """Every metric by name, in the order of their names."""
    package = importlib.import_module("metrics")
    modules = (importlib.import_module(f"metrics.{info.name}") for info in _modules(package.__path__))
    found = (module.METRIC for module in modules if hasattr(module, "METRIC"))
    return {metric.name: metric for metric in sorted(found, key=lambda metric: metric.name)}


def _modules(path: Iterable[str]) -> list[pkgutil.ModuleInfo]:
    return [info for info in pkgutil.iter_modules(path) if not info.name.startswith("_")]


def metric_named(name: str) -> Metric:
    """The metric of a name. Raises QuestionError naming the nearest and all there are."""
    metrics = all_metrics()
    if name not in metrics:
        near = get_close_matches(name.lower().replace("-", "_"), metrics, n=1)
        advice = f"did you mean {near[0]!r}? There are:" if near else "choose one of"
        raise QuestionError(
            f"There is no metric {name!r}; {advice} {', '.join(metrics)}.", key="unknown_metric", name=name
        )
    return metrics[name]
