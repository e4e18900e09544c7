"""A value over time: a line, or columns where buckets add up to a whole.

Finished buckets are solid. A bucket that is still running is open: a dotted line to a hollow point, or a hatched
column. The compared values are thin and grey, a target is a mark across its bucket, an interval a band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from charts import alt, axes
from charts.chart import Chart
from charts.key import BLOCK, HATCHED, LINE, OPEN, THIN, key
from charts.text import text_width
from charts.theme import CLEAR, SMALL, Palette, Theme, Trace, axis, figure, grid, palette, see_through, ticks
from charts.values import Values, as_numbers, metric_name, texts, values_of
from i18n.words import Words
from metrics.metric import Metric, Unit
from metrics.periods import Comparison
from metrics.results import Trend

MOST_COLUMNS = 26
MOST_MARKERS = 40
HEIGHT = 260


@dataclass(frozen=True)
class Series:
    """The columns of a trend as arrays. `end` is the day after the last of a bucket."""

    start: list[Any]
    end: list[Any]
    value: np.ndarray
    n: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_complete: np.ndarray

    def __len__(self) -> int:
        return len(self.value)

    @property
    def finished(self) -> np.ndarray:
        """The values, nan where a bucket is not over."""
        return np.where(self.is_complete, self.value, np.nan)

    @property
    def unfinished(self) -> np.ndarray:
        return np.where(self.is_complete, np.nan, self.value)


def series(frame: pd.DataFrame) -> Series:
    """The arrays of a trend's frame; a bucket counts as finished unless it says otherwise."""
    size = len(frame)
    complete = frame["is_complete"] if "is_complete" in frame else pd.Series([True] * size)
    starts = list(pd.to_datetime(frame["period"])) if size else []
    ends = list(pd.to_datetime(frame["period_end"])) if size else []
    value, n, low, high = (as_numbers(frame.get(name), size) for name in ("value", "n", "low", "high"))
    return Series(starts, ends, value, n, low, high, complete.fillna(True).to_numpy(dtype=bool))


def trend(
    metric: Metric,
    result: Trend,
    words: Words,
    theme: Theme,
    currency: str | None = None,
    *,
    compare: Trend | None = None,
    comparison: Comparison = Comparison.PREVIOUS,
    target: float | Sequence[float] | None = None,
    kind: str = "",
    fiscal_year_start_month: int = 1,
    height: int = HEIGHT,
) -> Chart:
    """A metric per bucket. `compare` is met bucket by bucket, `target` is per bucket; kind: line or columns."""
    colours, shown = palette(theme), series(result.frame)
    values = values_of(metric, words, currency)
    then = _then(compare, len(shown))
    goal = _targets(target, len(shown))
    as_columns = (kind or _kind(metric, len(shown))) == "columns"
    grain = axes.grain_of(shown.start, shown.end)
    hover = _hover(shown, then, values, grain, comparison, fiscal_year_start_month)
    draw = _columns if as_columns else _line
    traces = [*draw(shown, then, goal, colours), _pointed_at(shown, hover)]
    marks = _key(shown, then, goal, as_columns, colours, words, comparison)
    layout, margin = _layout(shown, then, goal, values, theme, grain, as_columns, marks, fiscal_year_start_month)
    buckets = tuple((start.date(), end.date()) for start, end in zip(shown.start, shown.end, strict=True))
    said = alt.trend(metric_name(metric, words), shown, values, grain, words, as_columns, fiscal_year_start_month)
    return Chart(figure(theme, height, traces, margin=margin, **layout), said, height, {len(traces) - 1: buckets})


def _kind(metric: Metric, size: int) -> str:
    """Columns where buckets are parts of a whole and few enough to tell apart; else a line."""
    adds_up = bool(getattr(metric.parts, "is_additive", False))
    return "columns" if adds_up and size <= MOST_COLUMNS else "line"


def _then(compare: Trend | None, size: int) -> np.ndarray:
    """The compared values, bucket by bucket; nan where there are none."""
    found = np.full(size, np.nan)
    if compare is not None:
        given = series(compare.frame).value[:size]
        found[: len(given)] = given
    return found


def _targets(target: float | Sequence[float] | None, size: int) -> np.ndarray:
    if target is None:
        return np.full(size, np.nan)
    given = as_numbers(np.broadcast_to(np.asarray(target, dtype=float), size) if np.ndim(target) == 0 else target, size)
    found = np.full(size, np.nan)
    found[: min(size, len(given))] = given[:size]
    return found


# -- marks ----------------------------------------------------------------------------------------------------------
def _line(shown: Series, then: np.ndarray, goal: np.ndarray, colours: Palette) -> list[Trace]:
    joined, loose = _joined(shown), np.flatnonzero(np.isfinite(shown.unfinished))
    dotted = _path(shown.value[joined], {"color": colours.accent, "width": 2, "dash": "dot"}) | {"x": joined}
    solid = _path(shown.finished, {"color": colours.accent, "width": 2.25}) | _points(shown.finished, colours.accent, 5)
    hollow = _path(shown.value[loose], {}) | {
        "x": loose,
        "mode": "markers",
        "marker": {"color": colours.surface, "size": 7, "line": {"color": colours.accent, "width": 2}},
    }
    running = [dotted, hollow] if len(loose) else []
    return [
        *_band(shown, colours),
        *_compared_line(then, colours),
        *_goal_marks(goal, colours),
        *running[:1],
        solid,
        *running[1:],
    ]


def _path(values: np.ndarray, line: dict[str, Any]) -> Trace:
    return {"type": "scatter", "y": values, "mode": "lines", "line": line, "hoverinfo": "skip", "cliponaxis": False}


def _pointed_at(shown: Series, hover: tuple[np.ndarray, str]) -> Trace:
    """Points that are not seen, one per bucket: what is pointed at and clicked, whatever marks the bucket has."""
    rows, template = hover
    return {
        "type": "scatter",
        "y": shown.value,
        "mode": "markers",
        "marker": {"opacity": 0, "color": CLEAR},
        "customdata": rows,
        "hovertemplate": template,
        "hoverinfo": "text",
    }


def _points(values: np.ndarray, colour: str, size: int) -> Trace:
    """Points where there are few, or where a value has no neighbours to be joined to."""
    known = np.isfinite(values)
    alone = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False] if len(known) else known
    if len(values) > MOST_MARKERS and not alone.any():
        return {}
    sizes = size if len(values) <= MOST_MARKERS else np.where(alone, size, 0.1)
    return {"mode": "lines+markers", "marker": {"color": colour, "size": sizes}}


def _joined(shown: Series) -> np.ndarray:
    """Places of unfinished buckets and of their neighbours: what the dotted line runs through."""
    loose = ~shown.is_complete
    if not loose.any():
        return np.array([], dtype=int)
    return np.flatnonzero(loose | np.r_[False, loose[:-1]] | np.r_[loose[1:], False])


def _compared_line(then: np.ndarray, colours: Palette) -> list[Trace]:
    if not np.isfinite(then).any():
        return []
    return [_path(then, {"color": colours.comparison, "width": 1.25}) | _points(then, colours.comparison, 3)]


def _goal_marks(goal: np.ndarray, colours: Palette) -> list[Trace]:
    return _marks(goal, 0.4, colours.text, 1.5)


def _marks(values: np.ndarray, reach: float, colour: str, thickness: float) -> list[Trace]:
    """A short line across each bucket: the arms of an error bar around a point that is not seen."""
    if not np.isfinite(values).any():
        return []
    arms = {"type": "constant", "value": reach, "thickness": thickness, "width": 0, "color": colour}
    return [
        {
            "type": "scatter",
            "y": values,
            "mode": "markers",
            "marker": {"opacity": 0},
            "error_x": arms,
            "hoverinfo": "skip",
        }
    ]


def _band(shown: Series, colours: Palette) -> list[Trace]:
    """The interval of finished buckets: one closed shape per unbroken run."""
    known = np.isfinite(shown.low) & np.isfinite(shown.high) & np.isfinite(shown.finished)
    if not known.any():
        return []
    x, y = outline(np.arange(len(shown), dtype=float), shown.low, shown.high, known)
    fill = see_through(colours.accent, 0.14)
    return [
        {"type": "scatter", "x": x, "y": y, "mode": "none", "fill": "toself", "fillcolor": fill, "hoverinfo": "skip"}
    ]


def outline(x: np.ndarray, low: np.ndarray, high: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Closed shapes around the runs where both ends are known, with gaps between them."""
    places = np.flatnonzero(known)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    gap = [np.array([np.nan])]
    along = [part for run in runs for part in (x[run], x[run][::-1], *gap)]
    across = [part for run in runs for part in (high[run], low[run][::-1], *gap)]
    return np.concatenate(along)[:-1], np.concatenate(across)[:-1]


def _columns(shown: Series, then: np.ndarray, goal: np.ndarray, colours: Palette) -> list[Trace]:
    loose = np.flatnonzero(np.isfinite(shown.unfinished))
    bar = {"type": "bar", "width": 0.72, "hoverinfo": "skip"}
    solid = bar | {"y": shown.finished, "marker": {"color": colours.accent}} | _whisker(shown, colours)
    hatched = bar | {"x": loose, "y": shown.value[loose], "marker": hatching(colours.accent)}
    marks = _marks(then, 0.46, colours.comparison, 2.5)
    return [solid, *([hatched] if len(loose) else []), *marks, *_goal_marks(goal, colours)]


def hatching(colour: str) -> dict[str, Any]:
    """The fill of what is not finished."""
    return {
        "color": see_through(colour, 0.08),
        "line": {"color": colour, "width": 1},
        "pattern": {"shape": "/", "fgcolor": colour, "size": 6, "solidity": 0.22, "fillmode": "overlay"},
    }


def _whisker(shown: Series, colours: Palette) -> Trace:
    if not np.isfinite(shown.low).any():
        return {}
    return {
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": shown.high - shown.value,
            "arrayminus": shown.value - shown.low,
            "color": colours.text,
            "thickness": 1,
            "width": 3,
        }
    }


# -- words ----------------------------------------------------------------------------------------------------------
def _hover(
    shown: Series, then: np.ndarray, values: Values, grain: str, comparison: Comparison, fiscal: int
) -> tuple[np.ndarray, str]:
    """Rows of texts, and the template that shows them: period, value, interval, n, compared value."""
    words = values.words
    names = [words.numbers.period(a, b, grain, fiscal) for a, b in zip(shown.start, shown.end, strict=True)]
    for place in np.flatnonzero(~shown.is_complete):
        names[place] = words("chart.hover.unfinished", period=names[place])
    columns = [names, [values.exact(value) for value in shown.value]]
    lines = ["<b>%{customdata[1]}</b>", "%{customdata[0]}"]
    if np.isfinite(shown.low).any():
        columns.append(
            [values.interval(*ends) or words.numbers.dash for ends in zip(shown.low, shown.high, strict=True)]
        )
        lines.append(words("chart.hover.interval", interval=f"%{{customdata[{len(columns) - 1}]}}"))
    if np.isfinite(shown.n).any():
        columns.append([words.numbers.count(n) for n in shown.n])
        lines.append(words("chart.hover.n", n=f"%{{customdata[{len(columns) - 1}]}}"))
    if np.isfinite(then).any():
        columns.append([values.exact(value) for value in then])
        name = words(f"filter.comparison.choice.{comparison.value}")
        lines.append(words("chart.hover.named", name=name, value=f"%{{customdata[{len(columns) - 1}]}}"))
    return texts(*columns), "<br>".join(lines) + "<extra></extra>"


def _key(
    shown: Series,
    then: np.ndarray,
    goal: np.ndarray,
    as_columns: bool,
    colours: Palette,
    words: Words,
    comparison: Comparison,
) -> list[tuple[str, str, str]]:
    """The marks that need a name: none when the line stands alone."""
    entries = []
    if np.isfinite(then).any():
        entries.append((LINE, colours.comparison, words(f"filter.comparison.choice.{comparison.value}")))
    if np.isfinite(goal).any():
        entries.append((THIN, colours.text, words("panel.legend_target")))
    if np.isfinite(shown.low).any() and not as_columns:
        entries.append((BLOCK, see_through(colours.accent, 0.3), words("panel.legend_interval")))
    if np.isfinite(shown.unfinished).any():
        entries.append((HATCHED if as_columns else OPEN, colours.accent, words("panel.status.unfinished")))
    return entries


# -- frame ----------------------------------------------------------------------------------------------------------
def _layout(
    shown: Series,
    then: np.ndarray,
    goal: np.ndarray,
    values: Values,
    theme: Theme,
    grain: str,
    as_columns: bool,
    marks: list[tuple[str, str, str]],
    fiscal: int,
) -> tuple[dict[str, Any], tuple[float, float, float, float]]:
    columns = (shown.value, then, goal, shown.low, shown.high)
    low, high = axes.extent(*columns, with_zero=as_columns or axes.needs_zero(*columns), room=0.1)
    low = min(low, _floor_of_text(shown, low, high, as_columns))
    places = axes.round_ticks(low, high, whole=values.unit is Unit.COUNT)
    labels = values.axis(list(places))
    days, names = axes.time_ticks(shown.start, grain, values.words, fiscal)
    left = max((text_width(label) for label in labels), default=0) + 10
    notes, above = key(theme, marks, left)
    edge = 0.6 if as_columns else 0.04 * max(len(shown) - 1, 1)
    layout = {
        "xaxis": axis(theme, -edge, max(len(shown) - 1, 0) + edge)
        | ticks(theme, days, names)
        | {"ticklabelstandoff": 4},
        "yaxis": axis(theme, low, high, **grid(theme)) | ticks(theme, places, labels),
        "hovermode": "x",
        "hoverdistance": -1,
        "barmode": "overlay",
        "annotations": [*notes, *_last_value(shown, values, theme, as_columns)],
    }
    return layout, (left, 10, above + 12, 40)


def _last_value(shown: Series, values: Values, theme: Theme, as_columns: bool) -> list[dict[str, Any]]:
    """The last finished value, written beside its mark."""
    known = np.flatnonzero(np.isfinite(shown.finished))
    if not len(known):
        return []
    place, colours = int(known[-1]), palette(theme)
    beyond = place > len(shown) - 1 - 0.06 * len(shown)
    above = _has_room_above(shown, place, as_columns)
    return [
        {
            "x": place,
            "y": float(shown.value[place]),
            "text": f"<b>{values.label(shown.value[place])}</b>",
            "xanchor": "right" if beyond else "center",
            "yanchor": "bottom" if above else "top",
            "yshift": 6 if above else -6,
            "xshift": 4 if beyond else 0,
            "showarrow": False,
            "font": {"color": colours.text, "size": SMALL + 1},
            "bgcolor": see_through(colours.surface, 0.8),
        }
    ]


def _has_room_above(shown: Series, place: int, as_columns: bool) -> bool:
    """Whether a text above the mark stays clear of it: not above a column that hangs, nor over the bottom of a dip."""
    if as_columns:
        return bool(shown.value[place] >= 0)
    beside = shown.value[[i for i in (place - 1, place + 1) if 0 <= i < len(shown)]]
    return not (beside > shown.value[place]).all() or not len(beside)


def _floor_of_text(shown: Series, low: float, high: float, as_columns: bool) -> float:
    """How low the axis has to reach for the text under the last finished value."""
    known = np.flatnonzero(np.isfinite(shown.finished))
    if not len(known) or _has_room_above(shown, int(known[-1]), as_columns):
        return low
    return float(shown.value[known[-1]] - 0.15 * (high - low))
