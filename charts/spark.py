"""A trend as small as a word: a line drawn as an image, its unfinished end dashed and open, a target a short mark."""

from __future__ import annotations

import base64
from html import escape

import numpy as np

from charts.values import as_numbers
from metrics.results import Trend

WIDTH, HEIGHT, PAD = 160.0, 40.0, 4.0


def sparkline(trend: Trend, alt: str, colour: str, target: float | None = None) -> str:
    """An <img> element; empty when fewer than two values are known. `target` is that of the last bucket."""
    size = len(trend.frame)
    values, goal = as_numbers(trend.frame["value"], size), as_numbers([target], 1)[0]
    if np.isfinite(values).sum() < 2:
        return ""
    svg = _drawn(values, trend.frame["is_complete"].to_numpy(dtype=bool), colour, goal)
    data = base64.b64encode(svg.encode()).decode()
    return f'<img class="spark" alt="{escape(alt, quote=True)}" src="data:image/svg+xml;base64,{data}">'


def _drawn(values: np.ndarray, complete: np.ndarray, colour: str, goal: float) -> str:
    x = PAD + (WIDTH - 2 * PAD) * np.arange(len(values)) / max(len(values) - 1, 1)
    y, goal_y = _heights(values, goal)
    known = np.isfinite(values)
    parts = [_line(x, y, run, "") for run in _runs(known & complete)]
    loose = known & ~complete
    beside = loose | np.r_[False, loose[:-1]] | np.r_[loose[1:], False]
    parts += [_line(x, y, run, ' stroke-dasharray="2 3"') for run in _runs(known & beside) if loose[run].any()]
    last = int(np.flatnonzero(known)[-1])
    fill = colour if complete[last] else "none"
    parts.append(f'<circle cx="{x[last]:.1f}" cy="{y[last]:.1f}" r="2.6" fill="{fill}"/>')
    if np.isfinite(goal):
        parts.append(f'<path d="M{WIDTH - 14:.0f} {goal_y:.1f}H{WIDTH:.0f}" stroke-width="1"/>')
    style = f'fill="none" stroke="{escape(colour, quote=True)}" stroke-width="1.5"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{HEIGHT:.0f}" '
        f'viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}"><g {style}>{"".join(parts)}</g></svg>'
    )


def _heights(values: np.ndarray, goal: float) -> tuple[np.ndarray, float]:
    """Heights in the image of the values and of the target; halves first, as a difference may be too large a number."""
    shown = np.r_[values, goal] / 2
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    share = (shown - low) / (high - low) if high > low else np.where(np.isfinite(shown), 0.5, np.nan)
    y = HEIGHT - PAD - (HEIGHT - 2 * PAD) * share
    return y[:-1], float(y[-1])


def _runs(chosen: np.ndarray) -> list[np.ndarray]:
    """The places of what is chosen, in unbroken runs."""
    places = np.flatnonzero(chosen)
    return [run for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(run)]


def _line(x: np.ndarray, y: np.ndarray, places: np.ndarray, style: str) -> str:
    points = " ".join(f"{x[place]:.1f},{y[place]:.1f}" for place in places)
    return f'<polyline points="{points}"{style}/>'
