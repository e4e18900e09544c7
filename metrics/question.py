"""A question: which period, which customers, compared with what, cut how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data_access.calendar import Grain
from data_access.errors import QuestionError
from metrics.metric import Metric
from metrics.periods import Comparison, Period

DIMENSIONS = ("region", "country", "channel", "segment", "owner", "team", "category")


@dataclass(frozen=True)
class Filters:
    """What a viewer has chosen. `where` holds pairs (dimension, chosen values); a dimension not named is unfiltered."""

    period: Period
    comparison: Comparison = Comparison.PREVIOUS
    grain: Grain = Grain.MONTH
    complete_only: bool = False
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def chosen(self, dimension: str) -> tuple[str, ...]:
        """The chosen values of a dimension; empty: all."""
        return dict(self.where).get(dimension, ())

    def choose(self, dimension: str, *values: str) -> Filters:
        """The same filters with these values of a dimension (none: all)."""
        if dimension not in DIMENSIONS:
            raise QuestionError(
                f"There is no filter {dimension!r}; choose one of {', '.join(DIMENSIONS)}.",
                key="unknown_filter",
                name=dimension,
            )
        rest = {name: chosen for name, chosen in self.where if name != dimension}
        if values:
            rest[dimension] = tuple(sorted(set(values)))
        return replace(self, where=tuple(sorted(rest.items())))


@dataclass(frozen=True)
class Question:
    """Filters and the options of one metric."""

    filters: Filters
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str) -> str:
        """The value of an option, which `ask` has filled in and checked."""
        return dict(self.options)[name]


def question_for(metric: Metric, filters: Filters, options: Mapping[str, str]) -> Question:
    """A checked question: every option of the metric has a permitted value. Raises QuestionError."""
    for name in options:
        if name not in metric.options:
            known = ", ".join(metric.options) or "none"
            raise QuestionError(
                f"{metric.name} has no option {name!r}; its options are: {known}.", key="unknown_option"
            )
    filled = []
    for name, option in metric.options.items():
        value = options.get(name, option.default)
        if option.values and value not in option.values:
            raise QuestionError(
                f"{metric.name}: option {name} cannot be {value!r}; choose one of {option.named_values}.",
                key="unknown_option_value",
            )
        filled.append((name, value))
    return Question(filters, tuple(filled))
