"""Who comes back: cohorts by age as a table to click in, and as curves.

Colours run over the whole table, so that a later cohort that does worse looks worse. A cell that is still running
carries a star; one that has not been observed stays blank. Curves leave out age 0, which is everybody by definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from charts import alt
from charts.chart import Chart
from charts.lines import MOST_PLOTS, MOST_TOGETHER, Drawing, Line, apart, number_ticks, together
from charts.text import text_width
from charts.theme import (
    Palette,
    Theme,
    colour_at,
    figure,
    palette,
)
from charts.values import Values, as_numbers, group_name, metric_name, texts, with_interval
from i18n.words import Words
from metrics.metric import Metric, Unit
from metrics.results import Triangle

MOST_AGES, MOST_COHORTS = 24, 1000
CURVE_HEIGHT = 300
RUNNING = "*"  # after a number that may still grow
TABLE_SIZE, PADDING, LEAST_PADDING = 14, 15, 10  # pixels: the type of a table, and the room beside the text of a cell


@dataclass(frozen=True)
class Grid:
    """Cohorts (rows) by ages (columns) as arrays; nan where nothing has been observed."""

    cohorts: list[Any]
    ages: np.ndarray
    customers: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
    is_complete: np.ndarray
    left_out: tuple[int, int]

    @property
    def largest(self) -> float:
        """The value at the dark end of the colours: the largest of all but the first age."""
        later = self.value[:, self.ages > 0] if (self.ages > 0).any() else self.value
        return float(np.nanmax(later)) if np.isfinite(later).any() else 1.0


def of_group(frame: pd.DataFrame, group: Any) -> pd.DataFrame:
    """The rows of one group; of the first where a breakdown is not asked for one of its groups."""
    if "group" not in frame or not len(frame):
        return frame
    chosen = frame["group"].iloc[0] if group is ... else group
    return frame[frame["group"].isna() if pd.isna(chosen) else frame["group"] == chosen]


def grid_of(frame: pd.DataFrame, most_ages: int, most_cohorts: int) -> Grid:
    """The latest cohorts and the first ages of a triangle."""
    cells = frame.assign(cohort=pd.to_datetime(frame["cohort"]), age=pd.to_numeric(frame["age"]))
    cohorts, ages = (
        sorted(cells["cohort"].dropna().unique()),
        sorted(int(age) for age in cells["age"].dropna().unique()),
    )
    kept_cohorts, kept_ages = cohorts[-most_cohorts:], ages[: most_ages + 1]
    cells = cells.drop_duplicates(["cohort", "age"]).set_index(["cohort", "age"])

    def column(name: str) -> np.ndarray:
        found = cells[name] if name in cells else pd.Series(np.nan, index=cells.index)
        numbers = pd.Series(as_numbers(found.to_numpy(), len(found)), index=cells.index)
        wide = numbers.unstack("age") if len(numbers) else pd.DataFrame()
        return wide.reindex(index=kept_cohorts, columns=kept_ages).to_numpy(dtype=float)

    customers = column("customers")
    sizes = np.array([row[np.isfinite(row)][0] if np.isfinite(row).any() else np.nan for row in customers])
    complete = np.nan_to_num(column("is_complete"), nan=1.0) > 0
    left_out = (len(cohorts) - len(kept_cohorts), len(ages) - len(kept_ages))
    return Grid(
        kept_cohorts,
        np.array(kept_ages, dtype=int),
        sizes,
        column("value"),
        column("low"),
        column("high"),
        column("n"),
        complete,
        left_out,
    )


def cohort_name(cohort: Any, grain: str, words: Words) -> str:
    """A cohort by the period in which it began; a week by its first day."""
    return words.numbers.date(cohort) if grain == "week" else words.numbers.period(cohort, None, grain)


# -- the table ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TriangleTable:
    """The triangle as texts: for a table whose cells can be clicked.

    frame      index: cohorts by name, the average first; columns: customers, then the ages, all written out
    css        the style of each cell, in the same rows and columns, for pandas' `Styler.apply(..., axis=None)`
    cohorts    first day of the cohort of each row; None for the average
    ages       age of each column; None for the customers
    widths     the least width in pixels of the index, of the customers and of each age, at which nothing is cut
    notes      how many cohorts and ages there are that are not shown
    """

    frame: pd.DataFrame
    css: pd.DataFrame
    cohorts: tuple[Any, ...]
    ages: tuple[int | None, ...]
    widths: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def cell(self, row: int, column: int) -> tuple[Any, int] | None:
        """Cohort and age of a cell by position; None where there is no list behind it."""
        if not (0 <= row < len(self.cohorts) and 0 <= column < len(self.ages)):
            return None
        cohort, age = self.cohorts[row], self.ages[column]
        empty = age is not None and not self.frame.iloc[row, column]
        return None if cohort is None or empty else (cohort, age or 0)


def triangle_table(
    result: Triangle,
    words: Words,
    theme: Theme = "light",
    *,
    group: Any = ...,
    most_ages: int = MOST_AGES,
    most_cohorts: int = MOST_COHORTS,
) -> TriangleTable:
    """Every cell written out in percent; a cell still running carries a star and is in italics."""
    colours, numbers = palette(theme), words.numbers
    cells = grid_of(of_group(result.frame, group), most_ages, most_cohorts)
    average = _average(of_group(result.averages, group), cells.ages)
    heads = [words("chart.cohort_size"), *(str(age) for age in cells.ages)]
    rows = [["", *(_cell(value, True, words) for value in average["value"])]]
    css = [
        [
            "font-weight: 600",
            *(_style(value, cells.largest, True, colours, "font-weight: 600") for value in average["value"]),
        ]
    ]
    for row, size in enumerate(cells.customers):
        pairs = list(zip(cells.value[row], cells.is_complete[row], strict=True))
        rows.append([numbers.count(size), *(_cell(value, complete, words) for value, complete in pairs)])
        css.append(["", *(_style(value, cells.largest, complete, colours) for value, complete in pairs)])
    names = [words("chart.average"), *(cohort_name(cohort, result.grain, words) for cohort in cells.cohorts)]
    index = pd.Index(names, name=words("column.cohort"))
    frame, styles = (pd.DataFrame(part, index=index, columns=heads, dtype=object) for part in (rows, css))
    cohorts = (None, *(cohort.date() for cohort in cells.cohorts))
    ages = (None, *(int(age) for age in cells.ages))
    return TriangleTable(frame, styles, cohorts, ages, _widths(frame), _left_out(cells, words))


def _widths(frame: pd.DataFrame) -> tuple[int, ...]:
    """Pixels that the names, the sizes and the ages need; every age the same, as narrow as a phone wants them."""
    names, sizes = [str(frame.index.name), *frame.index], [frame.columns[0], *frame.iloc[:, 0]]
    ages = [*frame.columns[1:], *frame.iloc[:, 1:].to_numpy().ravel()]
    columns = ((names, PADDING), (sizes, PADDING), (ages, LEAST_PADDING))
    name, size, age = (
        ceil(max((text_width(text, TABLE_SIZE) for text in texts), default=0) + room) for texts, room in columns
    )
    return (name, size, *[age] * (len(frame.columns) - 1))


def _cell(value: float, is_complete: bool, words: Words) -> str:
    """Percent without its sign, which the sub-line of the panel has; all of them is 100, not 100.0."""
    if not np.isfinite(value):
        return ""
    shown = words.numbers.number(value * 100, 0 if value == 1 else 1)
    return shown if is_complete else f"{shown}{RUNNING}"


def _style(value: float, largest: float, is_complete: bool, colours: Palette, more: str = "") -> str:
    if not np.isfinite(value):
        return more
    parts = [f"background-color: {colour_at(colours.sequential, value / (largest or 1.0))}", f"color: {colours.text}"]
    return "; ".join([*parts, *([] if is_complete else ["font-style: italic"]), *([more] if more else [])])


def _average(averages: pd.DataFrame, ages: np.ndarray) -> pd.DataFrame:
    """The average of each age that is shown; missing where no cell of that age is complete."""
    frame = averages.drop_duplicates("age").set_index("age")
    return pd.DataFrame(
        {name: as_numbers(frame.get(name), len(frame)) for name in ("value", "low", "high", "n", "cohorts")},
        index=frame.index,
    ).reindex(ages)


def _left_out(cells: Grid, words: Words) -> tuple[str, ...]:
    cohorts, ages = cells.left_out
    notes = [words.count("chart.note.cohorts_left_out", cohorts)] if cohorts else []
    return (*notes, *([words.count("chart.note.ages_left_out", ages)] if ages else []))


# -- curves ---------------------------------------------------------------------------------------------------------
def curves(
    metric: Metric, result: Triangle, words: Words, theme: Theme, *, dimension: str = "", height: int = CURVE_HEIGHT
) -> Chart:
    """The average of every age, a line per group of `dimension`; more than five groups as small plots."""
    values = Values(Unit.RATIO, words)
    lines, left_out = _curves(result, dimension, words)
    is_weighted = len(lines) > MOST_TOGETHER and result.measure == "customers"
    drawing = Drawing(
        lines,
        values,
        _curve_template(result, words),
        number_ticks,
        words(f"chart.ages.{result.grain}"),
        whole=_whole(result.averages, lines) if is_weighted else None,
        whole_name=words("chart.all_groups"),
    )
    parts = together(drawing, theme, height) if len(lines) <= MOST_TOGETHER else apart(drawing, theme)
    traces, layout, margin, shown = parts
    notes = (words.count("chart.note.left_out", left_out),) if left_out else ()
    said = _curves_alt(metric, result, lines, values)
    return Chart(figure(theme, shown, traces, margin=margin, **layout), said, shown, {}, notes)


def _curves(result: Triangle, dimension: str, words: Words) -> tuple[list[Line], int]:
    """The lines, the largest group first, and how many groups are too many to be drawn."""
    averages = result.averages
    if not len(averages):
        return [], 0
    if "group" not in averages:
        return [_curve(averages, words("chart.average"), result, words)], 0
    groups = [(group, of_group(averages, group)) for group in averages["group"].unique()]
    groups.sort(key=lambda pair: -float(np.nanmax(np.r_[0.0, as_numbers(pair[1]["n"], len(pair[1]))])))
    kept = groups[:MOST_PLOTS]
    lines = [_curve(frame, group_name(group, dimension, words), result, words) for group, frame in kept]
    return lines, len(groups) - len(kept)


def _curve(frame: pd.DataFrame, name: str, result: Triangle, words: Words) -> Line:
    values = Values(Unit.RATIO, words)
    frame = frame.sort_values("age")
    ages = as_numbers(frame["age"], len(frame))
    y, low, high, n = (as_numbers(frame.get(column), len(frame)) for column in ("value", "low", "high", "n"))
    drop = 1 if len(ages) > 1 and ages[0] == 0 and np.isclose(y[0], 1.0) else 0
    hover = texts(
        [with_interval(*cell, values) for cell in zip(y, low, high, strict=True)],
        [words.numbers.count(size) for size in n],
    )
    return Line(name, ages[drop:], y[drop:], low[drop:], high[drop:], hover[drop:])


def _curve_template(result: Triangle, words: Words) -> str:
    lines = [
        "%{meta}",
        words("chart.hover.named", name=words(f"chart.ages.{result.grain}"), value="%{x}"),
        "<b>%{customdata[0]}</b>",
        words("chart.hover.of_customers", n="%{customdata[1]}"),
    ]
    return "<br>".join(lines) + "<extra></extra>"


def _whole(averages: pd.DataFrame, lines: list[Line]) -> tuple[np.ndarray, np.ndarray]:
    """All groups together: the mean of each age, a group weighing as much as it has customers."""
    size = len(averages)
    frame = pd.DataFrame({name: as_numbers(averages.get(name), size) for name in ("age", "value", "n")}).dropna()
    frame = frame[frame["age"] >= min((line.x.min() for line in lines if len(line.x)), default=0.0)]
    sums = frame.assign(product=frame["value"] * frame["n"]).groupby("age")[["product", "n"]].sum()
    sums = sums[sums["n"] > 0]
    return sums.index.to_numpy(dtype=float), (sums["product"] / sums["n"]).to_numpy()


def _curves_alt(metric: Metric, result: Triangle, lines: list[Line], values: Values) -> str:
    words = values.words
    kind, subject = words("chart.kind.line"), metric_name(metric, words)
    known = [line for line in lines if np.isfinite(line.y).any()]
    if not known:
        return words("chart.alt.empty", kind=kind, subject=subject)
    said = [words.count("chart.alt.lines", len(lines), kind=kind, subject=subject)]
    for line in known[:MOST_TOGETHER]:
        places = np.flatnonzero(np.isfinite(line.y))
        said.append(
            words(
                "chart.alt.curve",
                name=alt.name(line.name),
                first=_age(int(line.x[places[0]]), result.grain, words),
                first_value=values.label(line.y[places[0]]),
                last=_age(int(line.x[places[-1]]), result.grain, words),
                last_value=values.label(line.y[places[-1]]),
            )
        )
    return alt.joined(words, said)


def _age(age: int, grain: str, words: Words) -> str:
    """3 months later."""
    return words.count(f"chart.age.{grain}", age)


__all__ = ["TriangleTable", "curves", "triangle_table"]
