"""Why a value moved: from the value before, part by part, to the value now.

Only the parts are bars, as long as their change; the two totals are marks. So the scale need not begin at zero and
small parts of a large total can still be seen. A factor says from what to what it went, as its unit is not that of the
change. Green and red judge; a part that is not beyond noise is grey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from charts import alt, axes
from charts.chart import Chart, Key
from charts.text import full, short, text_width
from charts.theme import ROW, Palette, Theme, Trace, axis, figure, named_rows, palette
from charts.values import Values, as_numbers, group_name, judged, metric_name, texts, values_of
from i18n.words import Words
from metrics.columns import FACTORS
from metrics.metric import Better, Metric
from metrics.results import Bridge

MOST_PARTS = 12
TWO_LINES = 42  # pixels of a row whose name has a second line
NAME_WIDTH = 150


@dataclass(frozen=True)
class Steps:
    """The parts in the order in which they are drawn; `level` is the value before each, and after the last.

    `moved` is what each factor was and is; empty where the parts are groups.
    """

    names: list[str]
    keys: tuple[Key, ...]
    change: np.ndarray
    level: np.ndarray
    verdict: list[str]
    hover: np.ndarray
    moved: list[str]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def pitch(self) -> int:
        """Pixels from row to row."""
        return TWO_LINES if self.moved else ROW


def waterfall(bridge: Bridge, metric: Metric, words: Words, theme: Theme, currency: str | None = None) -> Chart:
    """The change of a metric by its parts; after twelve the others are one."""
    colours, values = palette(theme), values_of(metric, words, currency)
    steps = _steps(bridge, values)
    before = words(f"filter.comparison.choice.{bridge.comparison.value}")
    names = [before, *steps.names, words("panel.legend_actual")]
    traces = [
        _links(steps, colours),
        _bars(steps, metric.better, colours),
        *_totals(steps, names, values, colours),
        _labels(steps, values),
    ]
    layout, margin = _layout(steps, names, values, colours, theme)
    height = int(margin[2] + margin[3] + steps.pitch * (len(steps) + 2))
    said = _alt(bridge, steps, metric, names, values)
    return Chart(figure(theme, height, traces, margin=margin, **layout), said, height, {1: steps.keys})


# -- parts ----------------------------------------------------------------------------------------------------------
def _steps(bridge: Bridge, values: Values) -> Steps:
    frame, words = bridge.frame, values.words
    change = as_numbers(frame.get("change"), len(frame))
    known = np.flatnonzero(np.isfinite(change))
    if len(known) > MOST_PARTS and bridge.kind != "factors":
        known = known[np.argsort(-np.abs(change[known]), kind="stable")]
    kept, rest = known[:MOST_PARTS], known[MOST_PARTS:]
    parts = list(frame["part"].iloc[kept])
    names = [part_name(part, bridge.kind, words) for part in parts]
    keys: tuple[Key, ...] = tuple((part if isinstance(part, str) else None,) for part in parts)
    verdicts = [_verdict(bridge, frame["verdict"].iloc[i] if "verdict" in frame else "", change[i]) for i in kept]
    hover = [_hover(bridge, names[place], i, change[i], values) for place, i in enumerate(kept)]
    shown = change[kept]
    if len(rest):
        names, keys = [*names, words("dimension.other", n=words.numbers.count(len(rest)))], (*keys, ())
        shown, verdicts = np.append(shown, change[rest].sum()), [*verdicts, ""]
        hover.append((names[-1], values.change(shown[-1]), ""))
    start = bridge.before if np.isfinite(bridge.before) else 0.0
    level = start + np.r_[0.0, np.cumsum(shown)]
    moved = [_moved(bridge, i, values, "chart.part_moved") for i in kept] if bridge.kind == "factors" else []
    said = texts(*zip(*hover, strict=True)) if hover else texts([], [])
    return Steps(names, keys, shown, level, verdicts, said, moved)


def part_name(part: Any, kind: str, words: Words) -> str:
    """What a part is called: a factor in words, a group by its name."""
    key = f"chart.part.{part}"
    return words(key) if kind == "factors" and words.has(key) else group_name(part, kind, words)


def _verdict(bridge: Bridge, verdict: Any, change: float) -> str:
    """What may be said of a part: its own verdict; a factor has none: its sign, when the whole is beyond noise."""
    if isinstance(verdict, str) and verdict:
        return verdict
    is_decided = str(bridge.change.verdict) in ("up", "down")
    return ("up" if change > 0 else "down") if is_decided and change else "noise"


def _hover(bridge: Bridge, name: str, place: Any, change: float, values: Values) -> tuple[str, str, str]:
    """Name, change, and where it went from and to."""
    return full(name), values.change(change), _moved(bridge, place, values, "chart.hover.from_to")


def _moved(bridge: Bridge, place: Any, values: Values, key: str) -> str:
    """Where a part went from and to, in its own unit."""
    row, words = bridge.frame.iloc[place], values.words
    before, after = (as_numbers([row.get(end)], 1)[0] for end in ("before", "after"))
    own = Values(FACTORS.get(row["part"], values.unit), words, values.currency) if bridge.kind == "factors" else values
    return words(key, before=own.exact(before), after=own.exact(after))


# -- marks ----------------------------------------------------------------------------------------------------------
def _links(steps: Steps, colours: Palette) -> Trace:
    """Thin lines from row to row at the level reached."""
    rows = np.arange(len(steps) + 1, dtype=float)
    x = np.column_stack([steps.level, steps.level, np.full(len(rows), np.nan)]).ravel()
    y = np.column_stack([rows, rows + 1, np.full(len(rows), np.nan)]).ravel()
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": colours.comparison, "width": 1},
        "hoverinfo": "skip",
    }


def _bars(steps: Steps, better: Better, colours: Palette) -> Trace:
    roles = [judged(verdict, better) for verdict in steps.verdict]
    fill = [colours.comparison if role == "quiet" else getattr(colours, role) for role in roles]
    template = "%{customdata[0]}<br><b>%{customdata[1]}</b><br>%{customdata[2]}<extra></extra>"
    return {
        "type": "bar",
        "orientation": "h",
        "x": steps.change,
        "base": steps.level[:-1],
        "y": np.arange(1, len(steps) + 1),
        "width": 0.56 * ROW / steps.pitch,
        "marker": {"color": np.array(fill, dtype=object)},
        "customdata": steps.hover,
        "hovertemplate": template,
        "unselected": {"marker": {"opacity": 0.45}},
    }


def _totals(steps: Steps, names: list[str], values: Values, colours: Palette) -> list[Trace]:
    """The value before and the value now: an upright mark, its figure beside it."""
    ends = (
        (0, steps.level[0], colours.comparison, names[0]),
        (len(steps) + 1, steps.level[-1], colours.accent, names[-1]),
    )
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [level],
            "y": [row],
            "text": [f"\u2002<b>{values.label(level)}</b>"],
            "textposition": "middle right",
            "cliponaxis": False,
            "marker": {"symbol": "line-ns-open", "size": 18, "color": colour, "line": {"width": 5}},
            "hovertext": [f"{full(name)}<br><b>{values.exact(level)}</b>"],
            "hoverinfo": "text",
        }
        for row, level, colour, name in ends
    ]


def _labels(steps: Steps, values: Values) -> Trace:
    ends = np.fmax(steps.level[:-1], steps.level[1:])
    return {
        "type": "scatter",
        "mode": "text",
        "x": ends,
        "y": np.arange(1, len(steps) + 1),
        "hoverinfo": "skip",
        "text": [f"\u2002{values.change_label(change)}" for change in steps.change],
        "textposition": "middle right",
        "cliponaxis": False,
    }


# -- frame ----------------------------------------------------------------------------------------------------------
def _layout(
    steps: Steps, names: list[str], values: Values, colours: Palette, theme: Theme
) -> tuple[dict[str, Any], tuple[float, float, float, float]]:
    low, high = axes.extent(steps.level, with_zero=False, room=0.05)
    shown = [short(name, NAME_WIDTH) for name in names]
    parts = [f"{name}<br>{moved}" for name, moved in zip(shown[1:-1], steps.moved, strict=True)] if steps.moved else []
    shown = [f"<b>{shown[0]}</b>", *(parts or shown[1:-1]), f"<b>{shown[-1]}</b>"]
    beside = [values.label(level) for level in (steps.level[0], steps.level[-1])]
    beside += [values.change_label(change) for change in steps.change]
    layout = {
        "xaxis": axis(theme, low, high),
        "yaxis": named_rows(theme, shown),
        "barmode": "overlay",
        "hovermode": "closest",
    }
    left = max(text_width(text) for text in (*(short(name, NAME_WIDTH) for name in names), *steps.moved)) * 1.12 + 12
    return layout, (left, max(map(text_width, beside)) * 1.08 + 16, 4, 4)


def _alt(bridge: Bridge, steps: Steps, metric: Metric, names: list[str], values: Values) -> str:
    words = values.words
    kind, subject = words("chart.kind.waterfall"), _subject(metric, words)
    if not len(steps):
        return words("chart.alt.empty", kind=kind, subject=subject)
    said = [
        words(
            "chart.alt.from_to",
            kind=kind,
            subject=subject,
            before=values.label(steps.level[0]),
            after=values.label(steps.level[-1]),
        )
    ]
    largest = np.argsort(-np.abs(steps.change), kind="stable")[:3]
    parts = [
        words("chart.alt.part", name=alt.name(steps.names[i]), change=values.change_label(steps.change[i]))
        for i in largest
    ]
    return alt.joined(words, [*said, words("chart.alt.largest", parts=words.list(parts))])


def _subject(metric: Metric, words: Words) -> str:
    """The name of what changed: of `revenue_change` it is revenue."""
    key = f"metric.{metric.name.removesuffix('_change')}.name"
    return words(key) if words.has(key) else metric_name(metric, words)
