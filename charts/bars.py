"""A value per group: horizontal bars sorted by value, what each is compared with below it, its change at the end.

A bar of fewer cases than can be judged is grey, without a verdict. Twenty groups, then the others together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from charts import alt, axes
from charts.chart import Chart, Key
from charts.key import LINE, key
from charts.text import full, plain, short, text_width
from charts.theme import ROW, SMALL, Palette, Theme, Trace, axis, figure, named_rows, palette
from charts.values import Values, as_numbers, group_name, grouped_name, judged, texts, values_of
from i18n.words import Words
from metrics.metric import Better, Metric, Unit
from metrics.periods import Comparison
from metrics.results import Breakdown
from metrics.statistics import MIN_CASES

MOST_GROUPS = 20
NAME_WIDTH = 128  # pixels; the full name appears when pointed at
ARROWS = {"up": "▲", "down": "▼", "noise": "≈"}
BAR, THIN_BAR = 0.5, 0.14  # shares of a row


@dataclass(frozen=True)
class Rows:
    """The rows that are drawn, the largest first; the last may stand for the others together."""

    names: list[str]
    keys: tuple[Key, ...]
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    then: np.ndarray
    n: np.ndarray
    change: np.ndarray
    verdict: list[str]
    left_out: int

    def __len__(self) -> int:
        return len(self.names)


def bars(
    metric: Metric,
    result: Breakdown,
    words: Words,
    theme: Theme,
    currency: str | None = None,
    *,
    comparison: Comparison = Comparison.PREVIOUS,
    highlight: Key = (),
) -> Chart:
    """A metric by group. `highlight`: the group that the page speaks of, `(group,)`; the others are then grey."""
    colours, values = palette(theme), values_of(metric, words, currency)
    rows = _rows(result, words)
    traces = _traces(rows, values, colours, highlight, comparison)
    entries = [(LINE, colours.comparison, words(f"filter.comparison.choice.{comparison.value}"))]
    layout, margin = _layout(rows, values, metric.better, theme)
    notes, above = key(theme, entries if np.isfinite(rows.then).any() else [], margin[0])
    head = 22 if np.isfinite(rows.change).any() else 4
    layout["annotations"] = [*layout["annotations"], *(note | {"yshift": note["yshift"] + head} for note in notes)]
    height = int(above + head + 4 + ROW * max(len(rows), 1))
    said = alt.ranked("bars", grouped_name(metric, result.dimension, words), rows.names, rows.value, values, words)
    left_out = (words.count("chart.note.left_out", rows.left_out),) if rows.left_out else ()
    return Chart(
        figure(theme, height, traces, margin=(*margin, above + head, 4), **layout),
        said,
        height,
        {0: rows.keys},
        left_out,
    )


# -- rows -----------------------------------------------------------------------------------------------------------
def _rows(result: Breakdown, words: Words) -> Rows:
    """The rows by value; those of too many groups together as one where they add up, else only counted."""
    kept, rest = _chosen(result)
    size = len(kept)
    columns = [as_numbers(kept.get(name), size) for name in ("value", "low", "high", "compared_value", "n", "change")]
    names = [group_name(group, result.dimension, words) for group in kept["group"]]
    keys: tuple[Key, ...] = tuple((None if pd.isna(group) else group,) for group in kept["group"])
    verdicts = [str(verdict) for verdict in kept["verdict"]] if "verdict" in kept else [""] * size
    if len(rest) and result.is_additive:
        columns = [
            np.append(column, _other(rest, name))
            for column, name in zip(columns, ("value", "", "", "compared_value", "n", "change"), strict=True)
        ]
        names, keys = [*names, words("dimension.other", n=words.numbers.count(len(rest)))], (*keys, ())
        verdicts, rest = [*verdicts, "other"], rest.iloc[:0]
    value, low, high, then, n, change = columns
    return Rows(names, keys, value, low, high, then, n, change, verdicts, len(rest))


def _chosen(result: Breakdown) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The twenty groups that are drawn, by value, and the rest.

    Parts of a whole are chosen by their value, all else by its cases: the highest rates are those of the fewest cases.
    """
    size = len(result.frame)
    order = {name: as_numbers(result.frame.get(name), size) for name in ("value", "n")}
    frame = result.frame.assign(_value=order["value"], _n=order["n"])
    size_of_group = "_value" if result.is_additive else "_n"
    frame = frame.sort_values(size_of_group, ascending=False, na_position="last", kind="stable", ignore_index=True)
    kept, rest = frame.iloc[:MOST_GROUPS], frame.iloc[MOST_GROUPS:]
    return kept.sort_values("_value", ascending=False, na_position="last", kind="stable", ignore_index=True), rest


def _other(rest: pd.DataFrame, name: str) -> float:
    """The sum over the groups that are not drawn by themselves."""
    found = as_numbers(rest.get(name), len(rest)) if name else np.array([])
    return float(np.nansum(found)) if np.isfinite(found).any() else float("nan")


def is_small(rows: Rows) -> np.ndarray:
    """Rows of too few cases to be judged."""
    return np.isfinite(rows.n) & (rows.n < MIN_CASES)


# -- marks ----------------------------------------------------------------------------------------------------------
def _traces(rows: Rows, values: Values, colours: Palette, highlight: Key, comparison: Comparison) -> list[Trace]:
    """Bars, which are what is clicked, thin bars of what they are compared with, and labels."""
    places = np.arange(len(rows))
    fill = np.array([colours.accent] * len(rows), dtype=object)
    spoken_of = [bool(row) and row == highlight for row in rows.keys]
    grey = is_small(rows) | (~np.array(spoken_of, dtype=bool) if any(spoken_of) else False)
    fill[grey] = colours.comparison
    main: Trace = {
        "type": "bar",
        "orientation": "h",
        "x": rows.value,
        "y": places,
        "width": BAR,
        "offset": -0.32,
        "marker": {"color": fill if grey.any() else colours.accent},
        "unselected": {"marker": {"opacity": 0.45}},
        **_hover(rows, values, comparison),
    }
    if np.isfinite(rows.low).any():
        main["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": rows.high - rows.value,
            "arrayminus": rows.value - rows.low,
            "color": colours.text,
            "thickness": 1,
            "width": 3,
        }
    traces = [main]
    if np.isfinite(rows.then).any():
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": rows.then,
                "y": places,
                "width": THIN_BAR,
                "offset": 0.21,
                "marker": {"color": colours.comparison},
                "hoverinfo": "skip",
            }
        )
    return [*traces, _labels(rows, values, places)]


def _labels(rows: Rows, values: Values, places: np.ndarray) -> Trace:
    """The value of each row beyond everything that is drawn in it."""
    ends = np.fmax(np.fmax(rows.value, rows.high), 0.0)
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.where(np.isfinite(ends), ends, 0.0),
        "y": places - 0.07,
        "text": [f"\u2002{values.label(value)}" for value in rows.value],
        "textposition": "middle right",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _hover(rows: Rows, values: Values, comparison: Comparison) -> Trace:
    words, numbers = values.words, values.words.numbers
    columns = [[full(name) for name in rows.names], [values.exact(value) for value in rows.value]]
    lines = ["%{customdata[0]}", "<b>%{customdata[1]}</b>"]

    def line(key: str, gap: str, column: list[str], **gaps: str) -> None:
        columns.append(column)
        lines.append(words(f"chart.hover.{key}", **{gap: f"%{{customdata[{len(columns) - 1}]}}"}, **gaps))

    if np.isfinite(rows.low).any():
        line(
            "interval",
            "interval",
            [values.interval(*ends) or numbers.dash for ends in zip(rows.low, rows.high, strict=True)],
        )
    if np.isfinite(rows.n).any():
        line("n", "n", [numbers.count(n) for n in rows.n])
    if np.isfinite(rows.then).any():
        name = words(f"filter.comparison.choice.{comparison.value}")
        line("named", "value", [values.exact(value) for value in rows.then], name=name)
    if np.isfinite(rows.change).any():
        line("change", "change", [_change_in_full(rows, i, values) for i in range(len(rows))])
    return {"customdata": texts(*columns), "hovertemplate": "<br>".join(lines) + "<extra></extra>"}


def _change_in_full(rows: Rows, place: int, values: Values) -> str:
    """The change and what may be said about it."""
    key = f"panel.verdict.{rows.verdict[place]}"
    shown = values.change(rows.change[place])
    if not values.words.has(key):
        return shown
    return values.words("chart.hover.judged", change=shown, verdict=values.words(key))


# -- frame ----------------------------------------------------------------------------------------------------------
def _layout(rows: Rows, values: Values, better: Better, theme: Theme) -> tuple[dict[str, Any], tuple[float, float]]:
    colours = palette(theme)
    names = [short(name, NAME_WIDTH) for name in rows.names]
    small = is_small(rows)
    changes = [_change_label(rows, i, values, bool(small[i])) for i in range(len(rows))]
    column = max((text_width(text, SMALL) for text in changes), default=0)
    head = _change_head(values) if np.isfinite(rows.change).any() else ""
    column = max(column, text_width(head, SMALL))
    beside = max((text_width(values.label(value)) for value in rows.value), default=0) + 16
    low, high = axes.extent(rows.value, rows.then, rows.low, rows.high, room=0.0)
    right = beside + (column + 4 if column else 0)
    notes = [
        at_edge(text, right, place - 0.07, getattr(colours, judged(rows.verdict[place], better)))
        for place, text in enumerate(changes)
        if text
    ]
    layout = {
        "xaxis": axis(theme, low, high, zeroline=True, zerolinecolor=colours.comparison, zerolinewidth=1),
        "yaxis": named_rows(theme, names),
        "barmode": "overlay",
        "hovermode": "y",
        "hoverdistance": -1,
        "annotations": [*notes, *([at_edge(head, right, None, colours.quiet)] if head else [])],
    }
    left = max((text_width(name) for name in names), default=0) + 12
    return layout, (left, right)


def _change_head(values: Values) -> str:
    return values.words("chart.change_points" if values.unit is Unit.RATIO else "chart.change")


def _change_label(rows: Rows, place: int, values: Values, is_small: bool) -> str:
    """The change at the end of a row in few characters; how many cases where they are too few to judge."""
    words, verdict, change = values.words, rows.verdict[place], rows.change[place]
    if is_small:
        return words("chart.few", n=words.numbers.count(rows.n[place])) if np.isfinite(rows.n[place]) else ""
    if not np.isfinite(change) or verdict in ("no_baseline", "too_few"):
        return ""
    return plain(f"{ARROWS.get(verdict, '')} {_size(rows, place, values)}".strip())


def _size(rows: Rows, place: int, values: Values) -> str:
    """Percent for amounts and counts, the difference itself for all else; the unit stands in the column's head."""
    numbers, change, then = values.words.numbers, rows.change[place], rows.then[place]
    if values.unit is Unit.RATIO:
        return numbers.signed(change * 100, lambda amount: numbers.number(amount, 1))
    if values.unit in (Unit.MONEY, Unit.COUNT, Unit.NUMBER):
        known = np.isfinite(then) and then != 0
        shown = (
            numbers.signed_ratio(change / abs(then), 0 if abs(change / then) >= 0.1 else 1)
            if known
            else (numbers.signed(change, values.label))
        )
        return short(shown, 80, SMALL)
    return short(numbers.signed(change, lambda amount: numbers.number(amount, 1)), 80, SMALL)


def at_edge(text: str, right: float, y: float | None, colour: str) -> dict[str, Any]:
    """A text that ends at the right edge of the figure: in the row `y`, or above the plot where there is none."""
    where = {"yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 2} if y is None else {"y": y, "yanchor": "middle"}
    return {
        "text": text,
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "xshift": round(right) - 2,
        "align": "right",
        "showarrow": False,
        "font": {"size": SMALL, "color": colour},
        **where,
    }
