"""The answer of a page in one to five plain sentences: only finished or like-for-like spans, only beyond noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from i18n.words import Words
from metrics.metric import Unit, metric_named
from metrics.notes import sentence
from metrics.results import Compared, Findings, Funnel, Total, Triangle
from metrics.statistics import Change, Verdict
from ui import faults, waiting
from ui.choices import PageSpec
from ui.faults import escape
from ui.view import View
from ui.words_of import cases, change_shown, compared_with, metric_name

MOST = 5
HEIGHT = 26  # pixels of a line


def title(spec: PageSpec, words: Words) -> Any:
    """The page's title; gives the place under it, where the page's answer belongs."""
    st.html(f"<h1>{escape(words(f'page.{spec.name}.title'))}</h1>")
    return st.container(key="headline", gap=None)


def say(place: Any, sentences: Callable[[], list[str]], words: Words) -> None:
    """The page's answer; a failure stays in its place."""
    with place:
        held = waiting.hold("headline", HEIGHT)
        try:
            said = sentences()
        except Exception as fault:
            said = [faults.sentence(fault, words)]
        held.empty()
        lead, rest = (said[0], said[1:]) if said else ("", [])
        more = f'<ul class="findings">{"".join(f"<li>{escape(text)}</li>" for text in rest)}</ul>' if rest else ""
        st.html(f'<p class="lead">{escape(lead)}</p>{more}')


def findings_sentences(view: View) -> list[str]:
    """What changed in the key figures."""
    answer = view.ask("findings").answer()
    result = answer.result
    if not isinstance(result, Findings):
        return [view.words("page.overview.intro")]
    if result.frame.empty:
        return [*(sentence(item, view.words, answer.timezone) for item in result.notes), *_targets(view)]
    rows = result.frame.to_dict("records")
    sentences = [_sentence(row, result, view.words, view) for row in rows]
    if rows[0]["metric"] != "revenue" and result.compared:
        sentences.insert(0, _of_revenue(result.compared, result, view))
    lengths = [sentence(item, view.words, answer.timezone) for item in result.notes]
    return [*[*sentences, *_targets(view)][: MOST - len(lengths)], *lengths]


def _of_revenue(compared: Compared, result: Findings, view: View) -> str:
    """What to say of revenue where its change is none of the findings; its card judges it alone, and may mark it."""
    against = compared_with(compared, view.words, view.source.calendar)
    if compared.change.verdict not in (Verdict.UP, Verdict.DOWN):
        return view.words("panel.sentence.revenue_steady", compared=against)
    change = change_shown(compared.change, Unit.MONEY, view.words)
    if result.is_by_days:
        return view.words("panel.sentence.revenue_by_days", change=change, compared=against)
    return view.words("panel.sentence.revenue_unsure", change=change, compared=against, n=result.n)


def _targets(view: View) -> list[str]:
    """Whether revenue met its target, once the period is over."""
    answer = view.ask("revenue").answer()
    total, words = answer.result, view.words
    if not isinstance(total, Total) or not total.target or not total.span.is_finished:
        return []
    gap = total.value / total.target - 1
    key = "panel.sentence.above_target" if gap >= 0 else "panel.sentence.below_target"
    period = words.numbers.dates(view.filters.period.start, view.filters.period.end)
    return [words(key, metric=metric_name(answer.metric, words), change=words.numbers.ratio(abs(gap)), period=period)]


def _sentence(row: dict[str, Any], result: Findings, words: Words, view: View) -> str:
    metric = metric_named(row["metric"])
    nan = float("nan")
    change = Change(nan, nan, abs(row["change"]), abs(row["change_ratio"]), nan, nan, nan, Verdict(row["verdict"]))
    compared = compared_with(result.compared, words, view.source.calendar) if result.compared else ""
    verb = "rose" if row["verdict"] == "up" else "fell"
    gaps = {
        "metric": metric_name(metric, words),
        "change": change_shown(change, metric.unit, words).lstrip("+"),
        "compared": compared,
    }
    if row["part"]:
        part = words(
            "page.overview.part",
            dimension=words(f"dimension.{row['dimension']}"),
            part=row["part"],
            share=words.numbers.ratio(row["share"], digits=0),
        )
        return words(f"panel.sentence.{verb}_mostly", part=part, **gaps)
    return words(f"panel.sentence.{verb}", **gaps)


def retention_sentences(view: View) -> list[str]:
    """How many came back: at the first age, and at the last that at least half of the cohorts have finished."""
    result = view.ask("retention", **view.options()).answer().result
    if not isinstance(result, Triangle) or result.n == 0:
        return [view.words("page.retention.intro")]
    later = result.averages[result.averages["age"] > 0].dropna(subset=["value"])
    if later.empty:
        return [view.words("page.retention.too_young")]
    most = later["cohorts"].max()
    rows = [later.iloc[0], later[later["cohorts"] * 2 >= most].iloc[-1]]
    rows = rows[:1] if rows[0]["age"] == rows[1]["age"] else rows
    return [_came_back(row, result, view.words, view.filters.grain.value) for row in rows]


def _came_back(row: Any, result: Triangle, words: Words, grain: str) -> str:
    ratio = words.numbers.ratio
    gaps = {"n": int(row["n"])}
    if row[["low", "high"]].notna().all():
        weight = words(
            "page.retention.weight.interval", interval=words.numbers.interval(row["low"], row["high"], ratio), **gaps
        )
    else:  # recurring cohorts have none
        weight = words("page.retention.weight.alone", **gaps)
    return words(
        f"page.retention.sentence.{result.measure}",
        rate=ratio(row["value"]),
        weight=weight,
        after=words.count(f"page.retention.after.{grain}", int(row["age"])),
    )


def funnel_sentences(view: View) -> list[str]:
    """How many of the cohort were won, how many are open, and which step loses more than it used to."""
    answer = view.ask("funnel", **view.options()).answer()
    result, words = answer.result, view.words
    if not isinstance(result, Funnel) or result.n == 0:
        return [words("page.funnel.intro")]
    began = _won(result, cases(answer, words), words)
    step = result.frame[result.frame["stage"] == result.bottleneck]
    if step.empty:
        return [began, words("page.funnel.sentence.no_bottleneck")]
    row = step.iloc[0]
    return [
        began,
        words(
            "page.funnel.sentence.bottleneck",
            stage=_stage(row, words),
            rate=words.numbers.ratio(row["step_conversion_rate"]),
            before=words.numbers.ratio(row["history_rate"]),
            n=int(row["n"]),
        ),
    ]


def _won(result: Funnel, began: str, words: Words) -> str:
    """How many were won: within the window where there is one, as the bars count."""
    gaps = {"began": began, "open": int(result.still_open), "pipeline": result.pipeline_name}
    if result.window_days is None:
        rate = words.numbers.ratio(result.won / result.n)
        return words("page.funnel.sentence.won", won=int(result.won), rate=rate, **gaps)
    within = int(result.frame.loc[result.frame["stage"] == "won", "reached"].sum())
    return words(
        "page.funnel.sentence.won_within",
        within=within,
        days=result.window_days,
        rate=words.numbers.ratio(within / result.n),
        won=int(result.won),
        **gaps,
    )


def _stage(row: Any, words: Words) -> str:
    return words("stage.won") if row["stage"] == "won" else str(row["stage_name"])
