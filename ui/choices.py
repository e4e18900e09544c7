"""What a viewer has chosen, as plain values, and how a URL carries it.

A URL holds codes, never labels, and writes every value out, so that a shared link means the same in either language and
after a default has changed:

    ?lang=en&period=last_month&compare=previous&grain=month&complete=no&region=North&region=South

`period` is a preset or `first-day..day-after-the-last`. A value that cannot be is replaced by the page's own and
reported; nothing raises. This module knows no Streamlit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from data_access.calendar import Grain
from metrics.periods import FIRST_DAY, LAST_DAY, Comparison, Preset
from metrics.question import DIMENSIONS

MAX_VALUES = 100
MAX_LENGTH = 200
MAX_SHOWN = 40
PRESETS = frozenset(preset.value for preset in Preset if preset is not Preset.CUSTOM)
PERIOD = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
LANGUAGE = "lang"


@dataclass(frozen=True)
class Control:
    """One choice among codes. `words` is where its texts stand: `<words>.label`, `.help` and `.choice.<code>`.

    A code that is a dimension takes the dimension's name; the empty code is `none`.
    """

    name: str
    values: tuple[str, ...]
    default: str
    words: str = ""
    is_dimension: bool = False

    def choice_key(self, code: str) -> str:
        """Key of the text of a code."""
        return f"dimension.{code or 'none'}" if self.is_dimension else f"{self.words}.choice.{code or 'none'}"


@dataclass(frozen=True)
class PageSpec:
    """What can be chosen on a page and what it starts with; `texts` are what a viewer types, as it stands.

    `found` are single choices among what the data hold, such as `pipeline`; "" leaves the choice to the metric.
    `export` names the metric whose table leaves the page.
    """

    name: str
    period: Preset
    comparison: Comparison = Comparison.PREVIOUS
    grain: Grain = Grain.MONTH
    grains: tuple[Grain, ...] = tuple(Grain)
    dimensions: tuple[str, ...] = DIMENSIONS
    controls: tuple[Control, ...] = ()
    found: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    has_period: bool = True
    has_comparison: bool = True
    has_grain: bool = True
    has_complete: bool = True
    export: str = ""

    def defaults(self) -> dict[str, Any]:
        """The value of every control before anyone touches it."""
        values: dict[str, Any] = {"period": self.period.value} if self.has_period else {}
        values |= {control.name: control.default for control in self.all_controls()}
        return values | dict.fromkeys((*self.found, *self.texts), "") | dict.fromkeys(self.dimensions, ())

    def time_controls(self) -> tuple[Control, ...]:
        """What the period is compared with and cut into, as far as the page has it."""
        kinds = tuple(kind.value for kind in Comparison)
        comparison = Control("compare", kinds, self.comparison.value, "filter.comparison")
        grain = Control("grain", tuple(grain.value for grain in self.grains), self.grain.value, "filter.grain")
        return (comparison,) * self.has_comparison + (grain,) * self.has_grain

    def all_controls(self) -> tuple[Control, ...]:
        """Every single choice of the page."""
        complete = (Control("complete", ("no", "yes"), "no", "filter.complete_only"),) * self.has_complete
        return (*self.time_controls(), *complete, *self.controls)

    def permitted(self, name: str) -> tuple[str, ...]:
        """The codes that a single choice can have; empty for the period and for dimensions."""
        control = self.control(name)
        return control.values if control else ()

    def control(self, name: str) -> Control | None:
        """The single choice of a name; None for the period, for dimensions and for what is not on the page."""
        return next((control for control in self.all_controls() if control.name == name), None)


@dataclass(frozen=True)
class Problem:
    """A parameter that could not be used as it stands. `filter.problem.<key>` says so; `name` and `used` are codes."""

    key: str
    gaps: Mapping[str, Any] = field(default_factory=dict)


def read_url(params: Mapping[str, Sequence[str]], spec: PageSpec) -> tuple[dict[str, Any], list[Problem]]:
    """The choices of a URL, defaults filled in, and what could not be used; other parameters are ignored."""
    choices, problems = spec.defaults(), []
    for name, default in choices.items():
        given = [str(value) for value in params.get(name, ())]
        if not given:
            continue
        value, problem = _read(name, given, default, spec)
        choices[name] = value
        if problem:
            problems.append(problem)
    return choices, problems


def _read(name: str, given: list[str], default: Any, spec: PageSpec) -> tuple[Any, Problem | None]:
    if name in spec.dimensions:
        return _read_values(name, given)
    value = given[-1]
    if name in spec.texts:
        return value[:MAX_LENGTH], None
    if name in spec.found and len(value) <= MAX_LENGTH:
        return value, None
    if name == "period":
        return _read_period(value, default)
    if value in spec.permitted(name):
        return value, None
    return default, not_possible(name, value, default)


def _read_values(name: str, given: list[str]) -> tuple[tuple[str, ...], Problem | None]:
    """The values of a dimension, each once; too many or too long ones are left out and reported."""
    short = sorted({value for value in given if value and len(value) <= MAX_LENGTH})
    kept = tuple(short[:MAX_VALUES])
    left_out = len(set(given)) - len(kept)
    return kept, Problem("left_out", {"name": name, "n": left_out}) if left_out else None


def not_possible(name: str, value: str, used: str) -> Problem:
    """The problem of a value that a parameter cannot have; `used` stands in for it."""
    return Problem("not_possible", {"name": name, "value": value[:MAX_SHOWN], "used": used})


def _read_period(value: str, default: str) -> tuple[str, Problem | None]:
    if value in PRESETS:
        return value, None
    days = _days(value)
    if days is None or days[0] == days[1] or not all(FIRST_DAY <= day <= LAST_DAY for day in days):
        return default, not_possible("period", value, default)
    if days[0] > days[1]:
        return f"{days[1]}..{days[0]}", Problem("reversed_period")
    return value, None


def _days(value: str) -> tuple[date, date] | None:
    match = PERIOD.fullmatch(value)
    try:
        return (date.fromisoformat(match[1]), date.fromisoformat(match[2])) if match else None
    except ValueError:
        return None


def write_url(choices: Mapping[str, Any], language: str) -> dict[str, list[str]]:
    """The parameters of these choices; a dimension that is not narrowed is left out."""
    params = {LANGUAGE: [language]}
    for name, value in choices.items():
        values = list(value) if isinstance(value, tuple | list) else [str(value)]
        if values:
            params[name] = values
    return params


def custom_period(value: str) -> tuple[date, date] | None:
    """First day and the day after the last of a period written as dates, None for a preset."""
    return _days(value)
