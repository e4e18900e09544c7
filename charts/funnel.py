"""How far records get: a bar per stage, its count under its name, and between two bars what happened on the way.

The hatched end of a bar is what is still open and may yet go either way; grey outlines are the cohort compared with.
The step that loses more than it used to stands out in words and colour. Marks show the readings that the bars do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from charts import alt
from charts.bars import ARROWS, MOST_GROUPS, at_edge
from charts.chart import Chart
from charts.cohorts import of_group
from charts.dots import Dot, dots
from charts.key import HATCHED, OUTLINE, key
from charts.text import full, plain, short, text_width
from charts.theme import CLEAR, SMALL, Palette, Theme, Trace, axis, figure, named_rows, palette
from charts.trend import hatching
from charts.values import (
    Values,
    as_numbers,
    group_name,
    grouped_name,
    judged,
    metric_name,
    stage_name,
    texts,
    with_interval,
)
from i18n.words import Words
from metrics.metric import Better, Metric, Unit
from metrics.periods import Comparison
from metrics.results import Funnel
from metrics.statistics import MIN_CASES

PITCH, BAR = 68, 26  # pixels from bar to bar, and of a bar
NAME_WIDTH = 96
READINGS = {"reached": ("triangle-down", "▽"), "in_order": ("diamond", "◇"), "entered": ("triangle-up", "△")}
COLUMNS = (
    *("count", "still_open", "still_here", "lost", "reached", "in_order", "entered", "median_days", "change"),
    *("step_conversion_rate", "step_low", "step_high", "history_rate", "conversion_rate", "low", "high"),
)


@dataclass(frozen=True)
class Stages:
    """The stages of one group, in order; `number` holds the columns as floats."""

    codes: list[Any]
    names: list[str]
    number: dict[str, np.ndarray]
    verdict: list[str]
    step_verdict: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.number[name]


def stages(frame: pd.DataFrame, words: Words) -> Stages:
    """The stages of a funnel's frame by position."""
    rows = frame.sort_values("position", kind="stable") if "position" in frame else frame
    size = len(rows)
    names = [stage_name(code, name, words) for code, name in zip(rows["stage"], rows["stage_name"], strict=True)]
    number = {name: as_numbers(rows[name].to_numpy() if name in rows else None, size) for name in COLUMNS}
    verdicts = [
        [str(item) for item in rows[name]] if name in rows else [""] * size for name in ("verdict", "step_verdict")
    ]
    return Stages(list(rows["stage"]), names, number, *verdicts)


def funnel(
    metric: Metric,
    result: Funnel,
    words: Words,
    theme: Theme,
    *,
    comparison: Comparison = Comparison.PREVIOUS,
    group: Any = ...,
) -> Chart:
    """The stages of one group (`group`; None is "not recorded")."""
    colours = palette(theme)
    shown = stages(of_group(result.frame, group), words)
    then = _compared(result, shown, group)
    marks = _readings(shown, result.reading)
    traces = [
        *_bars(shown, words, colours),
        *_outlines(then, colours),
        *_marks(shown, marks, colours),
    ]
    layout, margin = _layout(shown, then, result, words, theme)
    head = 22 if np.isfinite(shown["change"]).any() else 4
    signs, above = key(theme, _key(shown, then, marks, colours, words, comparison), margin[0])
    layout["annotations"] = [*layout["annotations"], *(sign | {"yshift": sign["yshift"] + head} for sign in signs)]
    top = above + head
    height = int(top + PITCH * max(len(shown), 1) - (PITCH - BAR) + 12)
    keys = {number: tuple((code,) for code in shown.codes) for number in (0, 1)}
    said = _alt(metric, result, shown, words)
    return Chart(
        figure(theme, height, traces, margin=(*margin, top, 4), **layout),
        said,
        height,
        keys,
        _notes(shown, result, words),
    )


def funnel_groups(
    metric: Metric,
    result: Funnel,
    words: Words,
    theme: Theme,
    *,
    dimension: str = "",
    comparison: Comparison = Comparison.PREVIOUS,
) -> Chart:
    """Overall conversion of each group to the last stage, the highest first; the twenty largest groups."""
    values = Values(Unit.RATIO, words)
    rows = []
    groups = _largest(result.frame)
    for group in groups[:MOST_GROUPS]:
        shown = stages(of_group(result.frame, group), words)
        then = _compared(result, shown, group)
        n = shown["count"][0]
        rows.append(
            Dot(
                group_name(group, dimension, words),
                shown["conversion_rate"][-1],
                shown["low"][-1],
                shown["high"][-1],
                n,
                compared=then["conversion_rate"].iloc[-1] if len(then) else np.nan,
                beside=words.numbers.count(n),
                instead=words("chart.nobody"),
                key=(group if isinstance(group, str) else None,),
            )
        )
    rows.sort(key=lambda row: (not np.isfinite(row.value), -row.value if np.isfinite(row.value) else 0.0))
    left_out = max(len(groups) - MOST_GROUPS, 0)
    chart = dots(
        rows,
        values,
        theme,
        subject=grouped_name(metric, dimension, words),
        head=words("column.n"),
        compared_name=words(f"filter.comparison.choice.{comparison.value}"),
        with_zero=True,
    )
    return replace(chart, notes=(words.count("chart.note.left_out", left_out),)) if left_out else chart


def _largest(frame: pd.DataFrame) -> list[Any]:
    """The groups of a funnel, the one with the most records first."""
    if not len(frame):
        return []
    sizes = frame.assign(_size=as_numbers(frame["count"], len(frame))).groupby("group", dropna=False, sort=False)[
        "_size"
    ]
    return list(sizes.max().sort_values(ascending=False, kind="stable").index)


def _compared(result: Funnel, shown: Stages, group: Any) -> pd.DataFrame:
    """count and conversion_rate of the compared cohort at the same stages; empty where there is none."""
    if result.compared is None or not len(result.compared):
        return pd.DataFrame({"count": [], "conversion_rate": []}, dtype=float)
    rows = of_group(result.compared, group).drop_duplicates("stage").set_index("stage").reindex(shown.codes)
    return pd.DataFrame(
        {
            name: as_numbers(rows[name].to_numpy() if name in rows else None, len(rows))
            for name in ("count", "conversion_rate")
        }
    )


# -- marks ----------------------------------------------------------------------------------------------------------
def _bars(shown: Stages, words: Words, colours: Palette) -> list[Trace]:
    """What is decided, solid; what is still open, hatched, at the end."""
    count = np.nan_to_num(shown["count"])
    still_open = np.clip(np.nan_to_num(shown["still_open"]), 0, count)
    fill = colours.accent if count.max(initial=0) >= MIN_CASES else colours.comparison
    places = np.arange(len(shown))
    hover = _hover(shown, words)
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": places,
        "width": BAR / PITCH,
        **hover,
        "unselected": {"marker": {"opacity": 0.45}},
    }
    return [
        bar | {"x": count - still_open, "marker": {"color": fill, "line": {"color": fill, "width": 1}}},
        bar | {"x": still_open, "base": count - still_open, "marker": hatching(fill)},
    ]


def _outlines(then: pd.DataFrame, colours: Palette) -> list[Trace]:
    if then["count"].isna().all():
        return []
    return [
        {
            "type": "bar",
            "orientation": "h",
            "x": then["count"].to_numpy(),
            "y": np.arange(len(then)),
            "width": (BAR + 8) / PITCH,
            "marker": {"color": CLEAR, "line": {"color": colours.comparison, "width": 1.5}},
            "hoverinfo": "skip",
        }
    ]


def _readings(shown: Stages, reading: str) -> list[str]:
    """The readings that differ from the one the bars show."""
    return [
        name for name in READINGS if name != reading and (shown[name] != shown["count"])[np.isfinite(shown[name])].any()
    ]


def _marks(shown: Stages, names: list[str], colours: Palette) -> list[Trace]:
    """A small mark on the bar at the count of another reading."""
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "y": np.arange(len(shown)),
            "hoverinfo": "skip",
            "x": np.where(shown[name] == shown["count"], np.nan, shown[name]),
            "marker": {
                "symbol": READINGS[name][0],
                "size": 8,
                "color": colours.surface,
                "line": {"color": colours.text, "width": 1},
            },
            "cliponaxis": False,
        }
        for name in names
    ]


def _counted(shown: Stages, words: Words) -> list[str]:
    """Count and share of the first stage: under the name, where no outline of another cohort ends."""
    counts = [plain(Values(Unit.COUNT, words).label(count)) for count in shown["count"]]
    shares = [
        short(words.numbers.ratio(rate), NAME_WIDTH / 2) if place and np.isfinite(rate) else ""
        for place, rate in enumerate(shown["conversion_rate"])
    ]
    return [f"<b>{count}</b>  {share}".rstrip() for count, share in zip(counts, shares, strict=True)]


def _or_zero(then: pd.DataFrame, size: int) -> np.ndarray:
    return np.nan_to_num(then["count"].to_numpy(dtype=float)) if len(then) else np.zeros(size)


def _hover(shown: Stages, words: Words) -> Trace:
    numbers = words.numbers
    lines = ["%{customdata[0]}", "<b>%{customdata[1]}</b>"]
    columns = [[full(name) for name in shown.names], [numbers.count(count) for count in shown["count"]]]

    def line(text: str, gap: str, column: list[str]) -> None:
        columns.append(column)
        lines.append(words(text, **{gap: f"%{{customdata[{len(columns) - 1}]}}"}))

    ratio = Values(Unit.RATIO, words)
    line(
        "chart.hover.conversion",
        "rate",
        [
            with_interval(*ends, ratio)
            for ends in zip(shown["conversion_rate"], shown["low"], shown["high"], strict=True)
        ],
    )
    for name in READINGS:
        line(f"chart.hover.{name}", "n", [numbers.count(n) for n in shown[name]])
    line("chart.hover.still_open", "n", [numbers.count(n) for n in shown["still_open"]])
    line("chart.hover.median_days", "days", [numbers.days(days) for days in shown["median_days"]])
    return {"customdata": texts(*columns), "hovertemplate": "<br>".join(lines) + "<extra></extra>"}


# -- words between the bars -----------------------------------------------------------------------------------------
def _between(shown: Stages, result: Funnel, words: Words, colours: Palette) -> list[dict[str, Any]]:
    """From each stage to the next: how many go on, how many were lost, how many are still there."""
    notes = []
    for place in range(1, len(shown)):
        is_worse = shown.codes[place] == result.bottleneck
        notes.append(
            {
                "text": f"{_step(shown, place, is_worse, words)}<br>{_drop(shown, place - 1, result, words)}",
                "xref": "x",
                "x": 0,
                "xanchor": "left",
                "xshift": 4,
                "y": place - 0.5,
                "yanchor": "middle",
                "align": "left",
                "showarrow": False,
                "font": {"size": SMALL, "color": colours.bad if is_worse else colours.quiet},
            }
        )
    return notes


def _step(shown: Stages, place: int, is_worse: bool, words: Words) -> str:
    """45.2% go on (41.0% to 49.4%), usually 52%."""
    values = Values(Unit.RATIO, words)
    rate = shown["step_conversion_rate"][place]
    if not np.isfinite(rate):
        return words("chart.step.nobody")
    usual = shown["history_rate"][place]
    if is_worse and np.isfinite(usual):
        return f"<b>{words('chart.step.worse', rate=values.exact(rate), usual=values.exact(usual))}</b>"
    interval = values.interval(shown["step_low"][place], shown["step_high"][place])
    key = "with_interval" if interval else "rate"
    return words(f"chart.step.{key}", rate=values.exact(rate), **({"interval": interval} if interval else {}))


def _drop(shown: Stages, place: int, result: Funnel, words: Words) -> str:
    """What makes up the difference of two counts: 41 lost, 2 still here, 1 left by another way."""
    gone, lost, here = (
        shown["count"][place] - shown["count"][place + 1],
        shown["lost"][place],
        shown["still_here"][place],
    )
    if not np.isfinite(lost):
        return words("chart.step.gone", gone=words.numbers.count(gone))
    left = "left" if result.window_days is None else "late"
    parts = {"lost": lost, "here": here, left: aside(shown)[place], "came": -aside(shown)[place]}
    said = [words(f"chart.step.{name}", n=words.numbers.count(n)) for name, n in parts.items() if n > 0]
    said = said or [words("chart.step.lost", n=words.numbers.count(0))]
    return reduce(lambda first, second: words("chart.step.also", first=first, second=second), said)


def aside(shown: Stages) -> np.ndarray:
    """After each stage: records that it counts, the next does not, and that were neither lost nor are open in it; less
    those of the next that it does not count. A lost deal that skipped a stage leaves one way and comes in the other.
    """
    gone = shown["count"][:-1] - shown["count"][1:]
    return gone - shown["lost"][:-1] - np.nan_to_num(shown["still_here"][:-1])


def _notes(shown: Stages, result: Funnel, words: Words) -> tuple[str, ...]:
    """What the counts leave out, and what another way is."""
    days = result.window_days
    window = () if days is None else (words.count("chart.note.window", days),)
    return (*window, *((words("chart.note.aside"),) if np.nan_to_num(aside(shown)).any() else ()))


# -- frame ----------------------------------------------------------------------------------------------------------
def _layout(
    shown: Stages, then: pd.DataFrame, result: Funnel, words: Words, theme: Theme
) -> tuple[dict[str, Any], tuple[float, float]]:
    colours = palette(theme)
    names = [short(name, NAME_WIDTH) for name in shown.names]
    counts = np.r_[
        np.nan_to_num(shown["count"]), _or_zero(then, len(shown)), *(np.nan_to_num(shown[name]) for name in READINGS)
    ]
    changes = [_change(shown, place, words) for place in range(len(shown))]
    head = words("chart.change_points") if any(text for text, _ in changes) else ""
    column = max((text_width(text, SMALL) for text in (*(text for text, _ in changes), head)), default=0)
    right = column + 8
    counted = _counted(shown, words)
    half = BAR / 2 / PITCH + 0.08
    layout = {
        "xaxis": axis(theme, 0, float(counts.max(initial=0)) or 1.0),
        "yaxis": named_rows(
            theme, [f"{name}<br>{count}" for name, count in zip(names, counted, strict=True)], half, half
        ),
        "barmode": "overlay",
        "hovermode": "closest",
        "annotations": [
            *_between(shown, result, words, colours),
            *(
                at_edge(text, right, place - 0.5, getattr(colours, role)) | {"yshift": -7}
                for place, (text, role) in enumerate(changes)
                if text
            ),
            *([at_edge(head, right, None, colours.quiet)] if head else []),
        ],
    }
    left = max((text_width(text) for text in (*names, *(text.replace("b>", "") for text in counted))), default=0)
    return layout, (left + 12, right)


def _change(shown: Stages, place: int, words: Words) -> tuple[str, str]:
    """The change of the step into a stage against the compared cohort, in points, and its colour."""
    change, verdict = shown["change"][place], shown.verdict[place]
    if not place or not np.isfinite(change) or verdict in ("no_baseline", "too_few"):
        return "", "quiet"
    size = words.numbers.signed(change * 100, lambda amount: words.numbers.number(amount, 1))
    return f"{ARROWS.get(verdict, '')} {size}".strip(), judged(verdict, Better.HIGHER)


def _key(
    shown: Stages, then: pd.DataFrame, marks: list[str], colours: Palette, words: Words, comparison: Comparison
) -> list[tuple[str, str, str]]:
    entries = [(HATCHED, colours.accent, words("column.still_open"))] if (shown["still_open"] > 0).any() else []
    if not then["count"].isna().all():
        entries.append((OUTLINE, colours.comparison, words(f"filter.comparison.choice.{comparison.value}")))
    return [*entries, *((READINGS[name][1], colours.text, words(f"column.{name}")) for name in marks)]


def _alt(metric: Metric, result: Funnel, shown: Stages, words: Words) -> str:
    kind, subject, numbers = words("chart.kind.funnel"), metric_name(metric, words), words.numbers
    if not len(shown):
        return words("chart.alt.empty", kind=kind, subject=subject)
    said = [words.count("chart.alt.stages", len(shown), kind=kind, subject=subject)]
    said.append(words("chart.alt.stage_first", stage=alt.name(shown.names[0]), n=numbers.count(shown["count"][0])))
    for place in range(1, len(shown)):
        said.append(
            words(
                "chart.alt.stage",
                stage=alt.name(shown.names[place]),
                n=numbers.count(shown["count"][place]),
                rate=numbers.ratio(shown["step_conversion_rate"][place]),
            )
        )
    if result.bottleneck in shown.codes:
        name = shown.names[shown.codes.index(result.bottleneck)]
        said.append(words("chart.alt.bottleneck", stage=alt.name(name)))
    return alt.joined(words, said)
