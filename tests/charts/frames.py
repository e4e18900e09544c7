"""Answers to be drawn: a believable company's, and the worst that data can bring."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from charts.bars import bars
from charts.bridge import waterfall
from charts.chart import Chart
from charts.cohorts import curves
from charts.dots import stage_times
from charts.funnel import funnel, funnel_groups
from charts.theme import Theme
from charts.trend import trend
from i18n.words import Words
from metrics.metric import Better, Metric, Unit
from metrics.periods import Comparison, Period, Span
from metrics.results import Breakdown, Bridge, Funnel, StageTimes, Trend, Triangle
from metrics.statistics import Change, Verdict, wilson

NAN = float("nan")


class AddsUp:
    """The parts of a metric whose groups add up to the whole."""

    is_additive = True


def metric(name: str, unit: Unit, better: Better = Better.HIGHER, parts: Any = None) -> Metric:
    return Metric(name, unit, better, lambda source, question: None, parts=parts)  # type: ignore[arg-type, return-value]


REVENUE = metric("revenue", Unit.MONEY, parts=AddsUp())
ORDER_VALUE = metric("average_order_value", Unit.MONEY)
ORDERS = metric("orders", Unit.COUNT, parts=AddsUp())
WIN_RATE = metric("win_rate", Unit.RATIO)
CHURN = metric("churn_rate", Unit.RATIO, Better.LOWER)
NPS = metric("nps", Unit.SCORE)
RETENTION = metric("retention", Unit.RATIO)
FUNNEL = metric("funnel", Unit.COUNT)
TIMES = metric("time_in_stage", Unit.DAYS, Better.LOWER)


# -- trends ---------------------------------------------------------------------------------------------------------
def trend_of(
    values: Sequence[float],
    start: str = "2025-06-01",
    freq: str = "MS",
    *,
    running: int = 1,
    n: float = 400,
    half: float = NAN,
) -> Trend:
    """Values of buckets in order, the last `running` of them unfinished; `half`: half the width of their interval."""
    starts = pd.date_range(start, periods=len(values) + 1, freq=freq)
    found = np.asarray(values, dtype=float)
    complete = np.arange(len(found)) < len(found) - running
    frame = pd.DataFrame({
        "period": starts[:-1], "period_end": starts[1:], "value": found, "n": n, "low": found - half,
        "high": found + half, "is_complete": complete,
    })  # fmt: skip
    return Trend(frame=frame, n=int(n) * len(found))


def season(size: int, level: float, seed: int = 1, noise: float = 0.06, partial: bool = True) -> list[float]:
    """A believable series: growth, a season, noise; the last value is that of half a bucket."""
    random = np.random.default_rng(seed)
    place = np.arange(size)
    values = level * (1 + 0.01 * place) * (1 + 0.15 * np.sin(place / 2)) * (1 + noise * random.standard_normal(size))
    if partial and size:
        values[-1] *= 0.55
    return [float(value) for value in values]


# -- groups and bridges ---------------------------------------------------------------------------------------------
def minus(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(one - other)


def breakdown_of(
    names: Sequence[Any],
    values: Sequence[float],
    then: Sequence[float] | None = None,
    verdicts: Sequence[str] | None = None,
    n: Sequence[float] | float = 500,
    half: float = NAN,
    dimension: str = "region",
    is_additive: bool = True,
) -> Breakdown:
    found = np.asarray(values, dtype=float)
    before = np.asarray([NAN] * len(values) if then is None else then, dtype=float)
    frame = pd.DataFrame({
        "group": pd.Series(list(names), dtype=object), "value": found, "n": n, "low": found - half,
        "high": found + half, "compared_value": before, "compared_n": 400, "change": minus(found, before), "share": NAN,
        "verdict": list(verdicts or ["noise"] * len(found)),
    })  # fmt: skip
    return Breakdown(frame=frame, n=len(found), dimension=dimension, is_additive=is_additive)


def span(first: date, last: date) -> Span:
    return Span(Period(first, last), datetime.combine(first, time()), datetime.combine(last, time()), True)


def bridge_of(
    names: Sequence[Any], changes: Sequence[float], before: float = 1.1e6, kind: str = "region", verdicts: Any = None,
    whole: Verdict = Verdict.UP,
) -> Bridge:  # fmt: skip
    change = np.asarray(changes, dtype=float)
    frame = pd.DataFrame({
        "part": pd.Series(list(names), dtype=object), "before": 3e5, "after": 3e5 + change, "change": change,
        "share": NAN, "verdict": list(verdicts or ["noise"] * len(change)),
    })  # fmt: skip
    after = before + float(np.nansum(change))
    found = Change(before, after, after - before, NAN, NAN, NAN, 0.01, whole)
    return Bridge(
        frame=frame, n=500, kind=kind, before=before, after=after, now=span(date(2026, 5, 1), date(2026, 6, 1)),
        then=span(date(2026, 4, 1), date(2026, 5, 1)), comparison=Comparison.PREVIOUS, change=found,
    )  # fmt: skip


# -- cohorts --------------------------------------------------------------------------------------------------------
def cells_of(size: int = 18, group: Any = ..., level: float = 0.3, freq: str = "MS", seed: int = 1) -> pd.DataFrame:
    """Cohorts by age, the youngest age of each still running."""
    random = np.random.default_rng(seed)
    rows = []
    for place, cohort in enumerate(pd.date_range("2024-07-01", periods=size, freq=freq)):
        customers = int(400 * (1 + 0.2 * random.random()))
        for age in range(size - place):
            rate = 1.0 if age == 0 else level * (0.55 + 0.45 * np.exp(-age / 4)) * (1 - 0.01 * place)
            active = customers if age == 0 else int(random.binomial(customers, min(rate, 1.0)))
            rows.append({"cohort": cohort, "age": age, "customers": customers, "active": active, "n": customers,
                         "is_complete": age < size - place - 1})  # fmt: skip
    frame = pd.DataFrame(rows)
    low, high = wilson(frame["active"].to_numpy(), frame["n"].to_numpy())
    frame = frame.assign(value=frame["active"] / frame["n"], low=low, high=high)
    return frame if group is ... else frame.assign(group=pd.Series([group] * len(frame), dtype=object))


def averages_of(cells: pd.DataFrame) -> pd.DataFrame:
    """The average of every age over complete cells, weighted by the size of the cohort."""
    keys = ["group", "age"] if "group" in cells else ["age"]
    complete = cells[cells["is_complete"]]
    sums = complete.groupby(keys, dropna=False)[["active", "n"]].sum().reset_index()
    counts = complete.groupby(keys, dropna=False)["cohort"].count().to_numpy()
    low, high = wilson(sums["active"].to_numpy(), sums["n"].to_numpy())
    return sums.assign(value=sums["active"] / sums["n"], low=low, high=high, cohorts=counts).drop(columns="active")


def triangle_of(*cells: pd.DataFrame, grain: str = "month", measure: str = "customers") -> Triangle:
    frame = pd.concat(cells, ignore_index=True)
    return Triangle(frame=frame, n=len(frame), averages=averages_of(frame), grain=grain, measure=measure)


# -- funnels --------------------------------------------------------------------------------------------------------
STAGES = (("lead", "Lead"), ("qualified", "Qualified"), ("proposal", "Proposal sent to the customer"),
          ("negotiation", "谈判"), ("won", "Won"))  # fmt: skip


def stages_of(counts: Sequence[int] = (1240, 702, 398, 240, 131), group: Any = ..., names: Any = None) -> pd.DataFrame:
    """A funnel by the reading "reached", a sixth of each stage still there, compared with a little more before."""
    if not len(counts):
        return stages_of()[:0] if group is ... else stages_of(group=group)[:0]
    count = np.asarray(counts, dtype=float)
    here = np.r_[np.floor((count[:-1] - count[1:]) / 3), 0.0]
    lost = np.r_[count[:-1] - count[1:], 0.0] - here
    before = np.r_[NAN, count[:-1]]
    low, high = wilson(np.r_[0.0, count[1:]], np.r_[0.0, count[:-1]])
    all_low, all_high = wilson(count, np.full(len(count), count[0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        step, overall = count / before, count / count[0]
    frame = pd.DataFrame({
        "stage": [code for code, _ in STAGES][: len(count)],
        "stage_name": pd.Series(list(names or [name for _, name in STAGES])[: len(count)], dtype=object),
        "position": np.arange(1, len(count) + 1), "reached": count, "in_order": np.floor(count * 0.9),
        "entered": np.floor(count * 0.97), "count": count, "skipped": 0, "step_conversion_rate": step,
        "step_low": low, "step_high": high, "conversion_rate": overall, "low": all_low, "high": all_high,
        "still_open": here[::-1].cumsum()[::-1], "still_here": here, "lost": lost, "median_days": 4.5,
        "n": np.fmax(before, 0), "change": step - np.nan_to_num(step) * 1.05, "history_rate": 0.6,
        "verdict": (["", "up", "down", "noise", "noise"])[: len(count)],
    })  # fmt: skip
    return frame if group is ... else frame.assign(group=pd.Series([group] * len(frame), dtype=object))


def funnel_of(frame: pd.DataFrame, compared: pd.DataFrame | None = None, bottleneck: str | None = None) -> Funnel:
    n = int(frame["count"].iloc[0]) if len(frame) else 0
    return Funnel(frame=frame, n=n, reading="reached", moves={}, still_open=0, pending=0, compared=compared,
                  bottleneck=bottleneck)  # fmt: skip


def times_of(medians: Sequence[float] = (4.2, 9, 14.5, NAN), names: Any = None) -> StageTimes:
    size = len(medians)
    median = np.asarray(medians, dtype=float)
    codes = [code for code, _ in STAGES][:size]
    frame = pd.DataFrame({
        "stage": codes, "stage_name": pd.Series(list(names or [name for _, name in STAGES])[:size], dtype=object),
        "position": np.arange(1, size + 1), "n": 300, "median_days": median, "median_low": median * 0.8,
        "median_high": median * 1.3, "mean_days": median, "share_open": 0.2, "still_there": 60,
    })  # fmt: skip
    days = np.arange(0, 40, 2.0)
    parts = [pd.DataFrame({"stage": code, "days": days, "share_left": np.exp(-days / (8 + 6 * place))})
             for place, code in enumerate(codes)]  # fmt: skip
    curves_ = pd.concat(parts) if parts else pd.DataFrame(columns=["stage", "days", "share_left"])
    curves_ = curves_.assign(low=curves_["share_left"] * 0.9, high=np.minimum(curves_["share_left"] * 1.1, 1))
    return StageTimes(frame=frame, curves=curves_, n=300 * size)


# -- every chart ----------------------------------------------------------------------------------------------------
Draw = Callable[[Words, Theme], Chart]
REGIONS = ("North", "South", "East", "West & Wales", "清川华东大区", "Overseas", None)


def believable() -> dict[str, Draw]:
    """Every chart with the data of a believable company."""
    revenue = trend_of(season(13, 1.1e6))
    last_year = trend_of(season(13, 1.0e6, seed=2), "2024-06-01")
    rates = trend_of([0.3 + value / 40 for value in season(36, 1)], "2023-07-01", half=0.03)
    regions = breakdown_of(
        REGIONS, (1.32e6, 9.1e5, 8.4e5, 4.2e5, 3.9e5, 1.2e5, 2.1e4), (1.2e6, 9.5e5, 8.3e5, 2.9e5, 4.1e5, 1.4e5, NAN),
        ("up", "down", "noise", "up", "noise", "too_few", "no_baseline"), n=(900, 800, 700, 500, 400, 12, 50),
    )  # fmt: skip
    sources = breakdown_of(
        ("Referral", "Website enquiry form (spring campaign, second wave)", "Trade fair", "线下展会合作伙伴推荐渠道"),
        (0.41, 0.33, 0.29, 0.12), (0.36, 0.35, 0.28, 0.1), n=(310, 210, 120, 9), half=0.08, dimension="source",
        is_additive=False,
    )  # fmt: skip
    factors = bridge_of(("customers", "orders_per_customer", "value_per_order"), (57000, 33100, -17300), kind="factors",
                        verdicts=("", "", ""))  # fmt: skip
    parts = bridge_of(REGIONS, (1.3e5, -4.8e4, 2.1e4, -9e3, 4e3, -2e3, 800),
                      verdicts=("up", "down", "noise", "noise", "too_few", "noise", "noise"))  # fmt: skip
    one = triangle_of(cells_of())
    three = triangle_of(
        cells_of(12, "North"), cells_of(12, "South and the Western Isles", 0.25), cells_of(12, "海外", 0.2)
    )
    nine = triangle_of(*(cells_of(10, f"Segment {place} (key accounts)", 0.1 + place / 40) for place in range(9)))
    groups = pd.concat([stages_of(group="Website"), stages_of((300, 150, 90, 70, 41), "Trade fair"),
                        stages_of((20, 9, 5, 2, 1), None)])  # fmt: skip
    return {
        "revenue by month, compared, with targets": lambda words, theme: trend(
            REVENUE, revenue, words, theme, "EUR", compare=last_year, comparison=Comparison.YEAR, target=1.25e6),
        "win rate with interval": lambda words, theme: trend(WIN_RATE, rates, words, theme, "EUR"),
        "revenue by day": lambda words, theme: trend(
            REVENUE, trend_of(season(90, 31000), "2026-03-20", "D"), words, theme, "EUR"),
        "order value by week": lambda words, theme: trend(
            ORDER_VALUE, trend_of(season(25, 52, noise=0.02), "2025-12-29", "7D"), words, theme, "EUR"),
        "nps by quarter": lambda words, theme: trend(
            NPS, trend_of(season(26, 31), "2020-01-01", "QS", half=9), words, theme),
        "revenue by year": lambda words, theme: trend(
            REVENUE, trend_of(season(11, 2.1e7), "2016-01-01", "YS"), words, theme, "CNY", target=[2e7] * 11),
        "revenue by region": lambda words, theme: bars(REVENUE, regions, words, theme, "EUR"),
        "win rate by source": lambda words, theme: bars(WIN_RATE, sources, words, theme),
        "nps by segment": lambda words, theme: bars(NPS, breakdown_of(
            ("Alpha", "Beta", "Gamma"), (46, 3, -35), (40, 5, -30), half=12, is_additive=False), words, theme),
        "why, by factors": lambda words, theme: waterfall(factors, REVENUE, words, theme, "EUR"),
        "why, by region": lambda words, theme: waterfall(parts, REVENUE, words, theme, "EUR"),
        "one curve": lambda words, theme: curves(RETENTION, one, words, theme),
        "three curves": lambda words, theme: curves(RETENTION, three, words, theme, dimension="region"),
        "nine curves": lambda words, theme: curves(RETENTION, nine, words, theme, dimension="segment"),
        "funnel": lambda words, theme: funnel(
            FUNNEL, funnel_of(stages_of(), stages_of((1100, 700, 380, 200, 120)), "proposal"), words, theme),
        "funnel by source": lambda words, theme: funnel_groups(
            FUNNEL, funnel_of(groups, groups), words, theme, dimension="source"),
        "times in stage": lambda words, theme: stage_times(TIMES, times_of(), words, theme),
    }  # fmt: skip


HOSTILE = ("<b>Bold</b> <a href='javascript:alert(1)'>link</a>", "%{customdata[1]} %{x} ${y}", "&lt;i&gt; &amp; &#60;",
           "$x^2$ and $\\frac{1}{2}$", "two\nlines\r\nand\ttabs", "\u202eright to left\u202c", "",
           "=HYPERLINK(0)", "{n} {name}", "W" * 10_000, "清川商贸" * 2_500, "a\u0301" * 200, "🧵 thread")  # fmt: skip


def all_shapes(names: Sequence[Any], values: Sequence[float]) -> dict[str, Draw]:
    """Every chart of groups with these names and values, alike in number."""
    size, found = len(names), list(values)
    changes = [value / 3 for value in found]
    kept = list(names)[:5]
    rates = [abs(value) % 1 if np.isfinite(value) else NAN for value in found]
    cells = [cells_of(4, name, rate if np.isfinite(rate) else 0.1) for name, rate in zip(names, rates, strict=True)]
    groups = [stages_of((90, 40, 10), name) for name in names]
    grouped = pd.concat(groups) if groups else stages_of((), None)
    named = [f"{name}" for name in kept] + ["x"] * (5 - len(kept))
    three = (found + [NAN] * 4)[:4]
    return {
        "trend": lambda words, theme: trend(REVENUE, trend_of(found, running=min(1, size)), words, theme, "EUR"),
        "trend of a score": lambda words, theme: trend(
            NPS, trend_of(found, "2020-01-06", "7D", running=0, half=3), words, theme, target=5.0),
        "bars": lambda words, theme: bars(REVENUE, breakdown_of(names, found, changes), words, theme, "EUR"),
        "bars of a score": lambda words, theme: bars(
            NPS, breakdown_of(names, found, changes, half=4, is_additive=False, n=12), words, theme),
        "waterfall": lambda words, theme: waterfall(bridge_of(names, changes), REVENUE, words, theme, "EUR"),
        "curves": lambda words, theme: curves(RETENTION, triangle_of(*(cells or [cells_of(1)[:0]])), words, theme),
        "funnel": lambda words, theme: funnel(
            FUNNEL, funnel_of(stages_of((60, 30, 12, 0, 0)[: min(size, 5)], names=named)), words, theme),
        "funnel by group": lambda words, theme: funnel_groups(FUNNEL, funnel_of(grouped), words, theme),
        "times in stage": lambda words, theme: stage_times(
            TIMES, times_of([abs(value) for value in three][: min(size, 4)], names=named), words, theme),
    }  # fmt: skip


# -- reading a figure -----------------------------------------------------------------------------------------------
def as_json(figure: go.Figure) -> Any:
    return json.loads(figure.to_json())


def array(value: Any) -> np.ndarray:
    """The numbers of a trace as they are sent: base64 or a list."""
    if isinstance(value, dict) and "bdata" in value:
        found = np.frombuffer(base64.b64decode(value["bdata"]), dtype=np.dtype(value["dtype"]))
        shape = [int(part) for part in str(value.get("shape", len(found))).split(",")]
        return found.reshape(shape)
    return np.array(value, dtype=float)


def traces(chart: Chart, kind: str, **properties: Any) -> list[dict[str, Any]]:
    """The traces of a kind, as they are sent, that have these properties."""
    found = [trace for trace in as_json(chart.figure)["data"] if trace["type"] == kind]
    return [trace for trace in found if all(trace.get(name) == value for name, value in properties.items())]


def walk(value: Any) -> Iterator[Any]:
    """Every value inside a JSON value, itself included."""
    yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from walk(inner)
