"""Several lines: up to five in one plot, each named at its end; more than five as small plots of one line each.

In a small plot the thin grey line is all groups together, so that each can be seen against the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from charts import axes
from charts.key import LINE, THIN, key
from charts.text import full, short, text_width
from charts.theme import SMALL, Palette, Theme, Trace, axis, grid, palette, see_through, ticks
from charts.trend import outline
from charts.values import Values

MOST_TOGETHER = 5
MOST_BANDS = 3
MOST_PLOTS = 12
ACROSS = 3
NAME_WIDTH = 92
LOWER = {"ticklabelstandoff": 4}
PLOT, TITLE, GAP = 104, 24, 14  # pixels of a small plot, its title and the space below


@dataclass(frozen=True)
class Line:
    """One line. `hover` holds a row of texts per point."""

    name: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray
    hover: np.ndarray


@dataclass(frozen=True)
class Drawing:
    """Lines to be drawn: `template` shows a row of `hover`; `steps` holds each value up to the next; `x_ticks` gives
    places and texts of an axis that may take so many ticks; `whole` is all groups together, for small plots.
    """

    lines: Sequence[Line]
    values: Values
    template: str
    x_ticks: Callable[[float, float, int], tuple[Any, list[str]]]
    x_title: str
    is_step: bool = False
    whole: tuple[np.ndarray, np.ndarray] | None = None
    whole_name: str = ""
    top: float | None = None

    @property
    def x_range(self) -> tuple[float, float]:
        found = np.concatenate([line.x for line in self.lines] or [np.array([])])
        return (float(found.min()), float(found.max())) if len(found) else (0.0, 1.0)

    @property
    def y_range(self) -> tuple[float, float]:
        columns = [column for line in self.lines for column in (line.y, line.low, line.high)]
        low, high = axes.extent(*columns, with_zero=True)
        return low, high if self.top is None else self.top


def number_ticks(start: float, end: float, most: int) -> tuple[np.ndarray, list[str]]:
    """Whole numbers at steps that divide months and days well."""
    step = next((size for size in (1, 2, 3, 6, 12, 24, 60, 120, 240, 360) if (end - start) / size <= most), None)
    size = step or float(np.ceil((end - start) / most))
    places = np.arange(np.ceil(start / size) * size, end + 1e-9, size)
    return places, [f"{place:.0f}" for place in places]


Parts = tuple[list[Trace], dict[str, Any], tuple[float, float, float, float], int]


def together(drawing: Drawing, theme: Theme, height: int) -> Parts:
    """Traces, layout, margin and height of lines in one plot."""
    colours, lines = palette(theme), drawing.lines
    traces: list[Trace] = []
    has_bands = len(lines) <= MOST_BANDS
    for number, line in enumerate(lines):
        traces += _band(line, colours.series[number], drawing.is_step) if has_bands else []
    traces += [_line(line, colours.series[number], drawing) for number, line in enumerate(lines)]
    low, high = drawing.y_range
    start, end = drawing.x_range
    places = axes.round_ticks(low, high)
    labels = drawing.values.axis(list(places))
    left = max((text_width(label) for label in labels), default=0) + 10
    top, bottom = 10, 48
    names = _names(drawing, height - top - bottom, colours)
    room = max((text_width(short(line.name, NAME_WIDTH)) for line in lines), default=0) + 34 if names else 12
    across, shown = drawing.x_ticks(start, end, 7)
    edge = 0.02 * (end - start or 1)
    layout = {
        "xaxis": axis(theme, start - edge, end + edge)
        | ticks(theme, across, shown)
        | LOWER
        | _title(drawing.x_title, colours),
        "yaxis": axis(theme, low, high, **grid(theme)) | ticks(theme, places, labels),
        "hovermode": "closest",
        "hoverdistance": 40,
        "annotations": names,
    }
    return traces, layout, (left, room, top, bottom), height


def _line(line: Line, colour: str, drawing: Drawing) -> Trace:
    shape = {"shape": "hv"} if drawing.is_step else {}
    few = len(line.x) <= 26 and not drawing.is_step
    return {
        "type": "scatter",
        "x": small(line.x),
        "y": line.y,
        "mode": "lines+markers" if few else "lines",
        "line": {"color": colour, "width": 2.25, **shape},
        "marker": {"color": colour, "size": 5},
        "customdata": line.hover,
        "hovertemplate": drawing.template,
        "meta": full(line.name),
        "cliponaxis": False,
    }


def small(x: np.ndarray) -> np.ndarray:
    """The same numbers in few bytes, where they are small and whole."""
    is_small = (
        len(x) > 0 and bool(np.isfinite(x).all()) and bool((x == np.round(x)).all()) and bool(np.abs(x).max() < 30_000)
    )
    return x.astype("int16") if is_small else x


def _band(line: Line, colour: str, is_step: bool) -> list[Trace]:
    known = np.isfinite(line.low) & np.isfinite(line.high)
    if not known.any():
        return []
    x, low, high = line.x, line.low, line.high
    if is_step:
        x, low, high = np.repeat(x, 2)[1:], np.repeat(low, 2)[:-1], np.repeat(high, 2)[:-1]
        known = np.isfinite(low) & np.isfinite(high)
    along, across = outline(x, low, high, known)
    return [
        {
            "type": "scatter",
            "x": along,
            "y": across,
            "mode": "none",
            "fill": "toself",
            "fillcolor": see_through(colour, 0.13),
            "hoverinfo": "skip",
        }
    ]


def _names(drawing: Drawing, plot_height: float, colours: Palette) -> list[dict[str, Any]]:
    """The names at the right edge, at the height where their lines end, moved apart where they would touch."""
    if len(drawing.lines) < 2:
        return []
    low, high = drawing.y_range
    ends = []
    for line in drawing.lines:
        known = line.y[np.isfinite(line.y)]
        ends.append(((known[-1] if len(known) else low) - low) / (high - low) * plot_height)
    moved = axes.spread(ends, 16, 4, plot_height)
    return [
        {
            "text": f'<span style="color:{colours.series[number]}">{LINE}</span> {short(line.name, NAME_WIDTH)}',
            "xref": "paper",
            "x": 1,
            "xanchor": "left",
            "xshift": 6,
            "align": "left",
            "yanchor": "middle",
            "y": low + place / plot_height * (high - low),
            "showarrow": False,
            "font": {"color": colours.text},
        }
        for number, (line, place) in enumerate(zip(drawing.lines, moved, strict=True))
    ]


def _title(text: str, colours: Palette) -> dict[str, Any]:
    return {"title": {"text": text, "font": {"color": colours.quiet, "size": SMALL}, "standoff": 6}}


# -- small plots ----------------------------------------------------------------------------------------------------
def apart(drawing: Drawing, theme: Theme) -> Parts:
    """Traces, layout, margin and height of small plots, three in a row."""
    colours, shown = palette(theme), drawing.lines[:MOST_PLOTS]
    count = -(-len(shown) // ACROSS)
    entries = [
        (LINE, colours.accent, drawing.values.words("chart.this_group")),
        (THIN, colours.comparison, drawing.whole_name),
    ]
    low, high = drawing.y_range
    places = axes.round_ticks(low, high, most=3)
    labels = drawing.values.axis(list(places))
    left = max((text_width(label) for label in labels), default=0) + 10
    notes, top = key(theme, entries if drawing.whole else [], left)
    inner = count * (TITLE + PLOT + GAP)
    traces: list[Trace] = []
    layout: dict[str, Any] = {"hovermode": "closest", "hoverdistance": 30, "annotations": list(notes)}
    for number, line in enumerate(shown):
        row, column = divmod(number, ACROSS)
        name = "" if number == 0 else str(number + 1)
        bottom = 1 - ((row + 1) * (TITLE + PLOT + GAP) - GAP) / inner
        where = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
        if drawing.whole:
            traces.append(
                {
                    "type": "scatter",
                    "x": small(drawing.whole[0]),
                    "y": drawing.whole[1],
                    "mode": "lines",
                    "line": {"color": colours.comparison, "width": 1.25},
                    "hoverinfo": "skip",
                    **where,
                }
            )
        traces.append(_line(line, colours.accent, drawing) | {"mode": "lines", **where})
        is_last = number + ACROSS >= len(shown)
        layout |= _small_axes(drawing, theme, name, (column, bottom, bottom + PLOT / inner), is_last, places, labels)
        layout["annotations"].append(_heading(line.name, column, bottom + PLOT / inner))
    layout["annotations"].append(_below(drawing.x_title, colours))
    height = int(inner + top + 44)
    return traces, layout, (left, 8, top, 44), height


def _small_axes(
    drawing: Drawing,
    theme: Theme,
    name: str,
    place: tuple[int, float, float],
    is_last: bool,
    places: Any,
    labels: list[str],
) -> dict[str, Any]:
    column, bottom, above = place
    (low, high), (start, end) = drawing.y_range, drawing.x_range
    width = (1 - 0.05 * (ACROSS - 1)) / ACROSS
    left = column * (width + 0.05)
    across, shown = drawing.x_ticks(start, end, 4)
    x = axis(theme, start, end, domain=[left, left + width], anchor=f"y{name}")
    y = axis(
        theme, low, high, domain=[max(bottom, 0), min(above, 1)], anchor=f"x{name}", **grid(theme), tickvals=places
    )
    x |= ticks(theme, across, shown) | LOWER if is_last else {}
    y |= ticks(theme, places, labels) if column == 0 else {}
    return {f"xaxis{name}": x, f"yaxis{name}": y}


def _below(text: str, colours: Palette) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "paper",
        "y": 0,
        "yanchor": "top",
        "yshift": -20,
        "showarrow": False,
        "font": {"size": SMALL, "color": colours.quiet},
    }


def _heading(name: str, column: int, above: float) -> dict[str, Any]:
    width = (1 - 0.05 * (ACROSS - 1)) / ACROSS
    return {
        "text": short(name, 98, SMALL),
        "xref": "paper",
        "x": column * (width + 0.05),
        "xanchor": "left",
        "yref": "paper",
        "y": above,
        "yanchor": "bottom",
        "yshift": 3,
        "align": "left",
        "showarrow": False,
        "font": {"size": SMALL},
    }
