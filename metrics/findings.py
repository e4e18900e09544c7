"""What changed: the few changes of the key figures that are beyond noise, the largest part of revenue's change first.

Every figure comes from `kpis` and `revenue_change`; the p-values are corrected for the number of figures looked at
(Benjamini & Hochberg 1995). An unfinished period is compared like for like. A change of revenue names the region,
channel or category that makes most of it, when that group moved beyond noise itself and makes at least half of it.
Where the two periods differ in length (February beside January), a figure that grows with the days of a period is told
only if it moved beyond noise beside that length too: with the value compared with taken for as many days.
Unit: rows of text and figures; no row when nothing is beyond noise, and a note that says why.
Source: docs/metrics.md#findings
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data_access.source import Source
from metrics.answers import Answer, ask
from metrics.baseline import OTHER_LENGTH, is_recorded, length_note, longer_by
from metrics.metric import SALES_FILTERS, Better, Metric, Unit
from metrics.question import Question
from metrics.results import Bridge, Findings, Kpis, Note, Total, note
from metrics.statistics import LEVEL, Verdict, benjamini_hochberg

DIMENSIONS = ("region", "channel", "category")
OUTSIDE = ("period_not_begun", "period_before_data", "baseline_overlaps")  # why the key figures are not compared
HALF = 0.5
MOST = 5
COLUMNS = ("metric", "value", "n", "change", "change_ratio", "verdict", "dimension", "part", "share")


def find(source: Source, question: Question) -> Findings:
    """Frame: metric, value, n, change, change_ratio, verdict, dimension, part, share; at most five rows."""
    kpis = ask("kpis", source, question.filters)
    source.statements.extend(kpis.statements)
    totals = kpis.result.totals if isinstance(kpis.result, Kpis) else {}
    by_days = {name for name, total in totals.items() if _is_by_days(total, question)}
    rows = [row for row in _beyond_noise(totals, question) if row["metric"] not in by_days]
    for row in rows:
        if row["metric"] == "revenue":
            row |= _largest_part(source, question)
    frame = pd.DataFrame(rows[:MOST], columns=list(COLUMNS))
    judged = [_change(total, question) for total in totals.values()]
    can_tell = any(change.verdict not in (Verdict.TOO_FEW, Verdict.NO_BASELINE) for change in judged)
    revenue = totals.get("revenue")
    compared = revenue.compared(question.filters.comparison) if revenue else None
    if rows:
        told = [totals[row["metric"]] for row in rows[:MOST]]
        notes = tuple(dict.fromkeys(item for total in told for item in total.notes if item.key == OTHER_LENGTH))
    elif by_days and compared:
        notes = (length_note("findings_other_length", compared.now, compared.then),)
    else:
        notes = _why_nothing(source, kpis, totals, question, can_tell)
    is_by_days = "revenue" in by_days
    return Findings(
        frame=frame, n=len(judged), notes=notes, can_tell=can_tell, compared=compared, is_by_days=is_by_days
    )


def _is_by_days(total: Total, question: Question) -> bool:
    """Whether a change is within noise, or turns round, once what is compared with is taken for as many days."""
    item = total.compared(question.filters.comparison)
    if item is None or not any(each.key == OTHER_LENGTH for each in total.notes):
        return False
    times, change = 1 + longer_by(item.now, item.then), item.change
    half = max(change.high - change.difference, change.difference - change.low) * max(times, 1.0)
    left = change.after - change.before * times
    return (change.verdict is Verdict.UP and left <= half) or (change.verdict is Verdict.DOWN and -left <= half)


def _why_nothing(
    source: Source, kpis: Answer, totals: dict[str, Total], question: Question, can_tell: bool
) -> tuple[Note, ...]:
    """Why there is no row: nothing beyond noise, nothing to compare with, or too few cases."""
    if not totals:
        return (note("findings_nothing_held"),)
    if can_tell:
        is_marked = any(_change(total, question).verdict in (Verdict.UP, Verdict.DOWN) for total in totals.values())
        return (note("findings_no_change_together", n=len(totals)) if is_marked else note("findings_no_change"),)
    outside = tuple(item for item in kpis.notes if item.key in OUTSIDE)
    first = source.crm.facts.first
    then = next(iter(totals.values())).compared(question.filters.comparison)
    if outside or first is None or then is None:
        return outside or (note("findings_too_few"),)
    if then.then.end <= first:
        return (note("findings_no_baseline", first=first),)
    return (note("findings_too_few") if is_recorded(then.then, first) else note("baseline_partial", first=first),)


def _change(total: Total, question: Question) -> Any:
    item = total.compared(question.filters.comparison)
    assert item is not None
    return item.change


def _beyond_noise(totals: dict[str, Total], question: Question) -> list[dict[str, Any]]:
    changes = {name: _change(total, question) for name, total in totals.items()}
    adjusted = benjamini_hochberg(np.array([change.p_value for change in changes.values()], dtype=float))
    rows = []
    for (name, change), p_value in zip(changes.items(), adjusted, strict=True):
        if change.verdict in (Verdict.UP, Verdict.DOWN) and p_value < 1 - LEVEL:
            total = totals[name]
            rows.append(
                {
                    "metric": name,
                    "value": total.value,
                    "n": total.n,
                    "change": change.difference,
                    "change_ratio": change.ratio,
                    "verdict": change.verdict.value,
                    "dimension": "",
                    "part": "",
                    "share": np.nan,
                }
            )
    return rows


def _largest_part(source: Source, question: Question) -> dict[str, Any]:
    """The group that makes most of the change, among the dimensions that the source holds."""
    best: dict[str, Any] = {}
    for dimension in DIMENSIONS:
        if question.filters.chosen(dimension):
            continue
        answer = ask("revenue_change", source, question.filters, {"by": dimension})
        source.statements.extend(answer.statements)
        if not isinstance(answer.result, Bridge) or len(answer.result.frame) < 2:
            continue
        row = answer.result.frame.dropna(subset=["part"]).iloc[:1].to_dict("records")
        if row and row[0]["verdict"] in ("up", "down") and HALF <= row[0]["share"] <= 1.5:
            found = {"dimension": dimension, "part": row[0]["part"], "share": row[0]["share"]}
            best = found if not best or found["share"] > best["share"] else best
    return best


METRIC = Metric("findings", Unit.TEXT, Better.NEITHER, find, filters=SALES_FILTERS, is_composite=True)
