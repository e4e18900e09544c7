"""An estimate per group: a dot, and its interval as a whisker. Also how long things stay in each stage.

Nothing is read from zero here, so the scale begins where the values do, unless they reach down to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from charts import alt, axes
from charts.bars import at_edge
from charts.chart import Chart, Key
from charts.key import LINE, key
from charts.text import full, short, text_width
from charts.theme import ROW, SMALL, Palette, Theme, Trace, axis, figure, grid, named_rows, palette, ticks
from charts.values import LABEL_WIDTH, Values, as_numbers, metric_name, stage_name, texts
from i18n.words import Words
from metrics.metric import Metric, Unit
from metrics.results import StageTimes
from metrics.statistics import MIN_CASES

NAME_WIDTH = 128


@dataclass(frozen=True)
class Dot:
    """One row. `instead` stands where the value is not known; `beside` in the column at the right edge."""

    name: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    n: float = float("nan")
    compared: float = float("nan")
    beside: str = ""
    instead: str = ""
    key: Key = ()

    @property
    def is_small(self) -> bool:
        return self.n < MIN_CASES


def dots(
    rows: Sequence[Dot],
    values: Values,
    theme: Theme,
    *,
    subject: str,
    head: str = "",
    compared_name: str = "",
    with_zero: bool = False,
) -> Chart:
    """Dots with intervals, in the order given. `head` names the right-hand column, `compared_name` the grey marks."""
    colours, words = palette(theme), values.words
    traces = [
        _whiskers(rows, colours),
        *_compared(rows, colours),
        _points(rows, values, colours),
        _labels(rows, values, colours),
    ]
    layout, margin = _layout(rows, values, theme, head, with_zero)
    has_compared = any(np.isfinite(row.compared) for row in rows)
    notes, above = key(
        theme, [(LINE, colours.comparison, compared_name)] if compared_name and has_compared else [], margin[0]
    )
    top = above + (22 if head else 6)
    layout["annotations"] = [
        *layout["annotations"],
        *(note | {"yshift": note["yshift"] + (22 if head else 0)} for note in notes),
    ]
    height = int(top + 28 + ROW * max(len(rows), 1))
    said = alt.ranked("dots", subject, [row.name for row in rows], np.array([row.value for row in rows]), values, words)
    keys = {len(traces) - 2: tuple(row.key for row in rows)}
    return Chart(figure(theme, height, traces, margin=(*margin, top, 28), **layout), said, height, keys)


def stage_times(metric: Metric, result: StageTimes, words: Words, theme: Theme) -> Chart:
    """Median days in each stage, with its interval and the share of stays that go on."""
    frame, values = result.frame, Values(Unit.DAYS, words)
    size = len(frame)
    columns = [
        as_numbers(frame.get(name), size) for name in ("median_days", "median_low", "median_high", "n", "share_open")
    ]
    rows = []
    for place, (value, low, high, n, share) in enumerate(zip(*columns, strict=True)):
        code = frame["stage"].iloc[place]
        rows.append(
            Dot(
                stage_name(code, frame["stage_name"].iloc[place], words),
                value,
                low,
                high,
                n,
                beside=words.numbers.ratio(share, 0) if np.isfinite(share) else "",
                instead=words("chart.no_median" if n > 0 else "chart.nobody"),
                key=(code,),
            )
        )
    head = words("chart.still_there") if rows else ""
    return dots(rows, values, theme, subject=metric_name(metric, words), head=head, with_zero=True)


# -- marks ----------------------------------------------------------------------------------------------------------
def _column(rows: Sequence[Dot], name: str) -> np.ndarray:
    return as_numbers([getattr(row, name) for row in rows], len(rows))


def _whiskers(rows: Sequence[Dot], colours: Palette) -> Trace:
    """A line per row from the low to the high end; an end that is not known is left open at the value."""
    value, places = _column(rows, "value"), np.arange(len(rows), dtype=float)
    low, high = (np.where(np.isfinite(end), end, value) for end in (_column(rows, "low"), _column(rows, "high")))
    gap = np.full(len(rows), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.column_stack([low, high, gap]).ravel(),
        "y": np.column_stack([places, places, gap]).ravel(),
        "line": {"color": colours.comparison, "width": 3},
        "hoverinfo": "skip",
    }


def _compared(rows: Sequence[Dot], colours: Palette) -> list[Trace]:
    then = _column(rows, "compared")
    if not np.isfinite(then).any():
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": then,
            "y": np.arange(len(rows)),
            "hoverinfo": "skip",
            "marker": {"symbol": "line-ns-open", "size": 13, "color": colours.comparison, "line": {"width": 2}},
        }
    ]


def _points(rows: Sequence[Dot], values: Values, colours: Palette) -> Trace:
    words = values.words
    fill = np.array([colours.comparison if row.is_small else colours.accent for row in rows], dtype=object)
    hover = texts(
        [full(row.name) for row in rows],
        [values.exact(row.value) if np.isfinite(row.value) else row.instead for row in rows],
        [values.interval(row.low, row.high) or words.numbers.dash for row in rows],
        [words.numbers.count(row.n) for row in rows],
    )
    lines = [
        "%{customdata[0]}",
        "<b>%{customdata[1]}</b>",
        words("chart.hover.interval", interval="%{customdata[2]}"),
        words("chart.hover.n", n="%{customdata[3]}"),
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": _column(rows, "value"),
        "y": np.arange(len(rows)),
        "marker": {"size": 11, "color": fill, "line": {"color": colours.surface, "width": 1.5}},
        "customdata": hover,
        "hovertemplate": "<br>".join(lines) + "<extra></extra>",
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _labels(rows: Sequence[Dot], values: Values, colours: Palette) -> Trace:
    """The value beyond the interval, or what is said in its place."""
    ends = np.fmax(np.fmax(_column(rows, "value"), _column(rows, "high")), _column(rows, "compared"))
    known = np.isfinite(_column(rows, "value"))
    written = _written(rows, values)
    said = [text if np.isfinite(row.value) else row.instead for text, row in zip(written, rows, strict=True)]
    low, _ = _range(rows, True)
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.where(known, ends, low),
        "y": np.arange(len(rows)),
        "text": [f"\u2002{text}" for text in said],
        "textposition": "middle right",
        "cliponaxis": False,
        "textfont": {"color": np.where(known, colours.text, colours.quiet).astype(object)},
        "hoverinfo": "skip",
    }


def _written(rows: Sequence[Dot], values: Values) -> list[str]:
    """The values with the same number of decimals in every row."""
    if values.unit is not Unit.DAYS:
        return [values.label(row.value) for row in rows]
    digits = int(any(np.isfinite(row.value) and round(row.value, 1) % 1 for row in rows))
    said = (values.words.numbers.days(row.value, digits, is_trimmed=False) for row in rows)
    return [short(text, LABEL_WIDTH) for text in said]


# -- frame ----------------------------------------------------------------------------------------------------------
def _range(rows: Sequence[Dot], with_zero: bool) -> tuple[float, float]:
    columns = [_column(rows, name) for name in ("value", "low", "high", "compared")]
    low, high = axes.extent(*columns, with_zero=with_zero or axes.needs_zero(*columns), room=0.04)
    return low, high


def _layout(
    rows: Sequence[Dot], values: Values, theme: Theme, head: str, with_zero: bool
) -> tuple[dict[str, Any], tuple[float, float]]:
    colours, (low, high) = palette(theme), _range(rows, with_zero)
    names = [short(row.name, NAME_WIDTH) for row in rows]
    known = [text for text, row in zip(_written(rows, values), rows, strict=True) if np.isfinite(row.value)]
    column = max((text_width(text, SMALL) for text in (*(row.beside for row in rows), head)), default=0)
    right = max((text_width(text) for text in known), default=0) + 16 + (column + 4 if column else 0)
    left = max((text_width(name) for name in names), default=0) + 12
    places, marks = axes.fitting_ticks(low, high, values.bare, axes.PHONE_FIGURE - left - right)
    layout = {
        "xaxis": axis(theme, low, high, **grid(theme)) | ticks(theme, places, marks),
        "yaxis": named_rows(theme, names),
        "hovermode": "closest",
        "hoverdistance": 30,
        "annotations": [
            *(at_edge(row.beside, right, place, colours.quiet) for place, row in enumerate(rows) if row.beside),
            *([at_edge(head, right, None, colours.quiet)] if head else []),
        ],
    }
    return layout, (left, right)
