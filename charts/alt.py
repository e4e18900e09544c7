"""What a chart says in words, for those who do not see it: kind, subject, range, extremes, direction.

Whole sentences only, from finished points only; a reader gets the same figures as the marks show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from charts.text import clean
from charts.values import Values
from i18n.words import Words

if TYPE_CHECKING:
    from charts.trend import Series

CLEAR_DIRECTION = 0.6  # rank correlation of value and time from which a series is said to rise or fall
LONGEST_NAME = 60


def joined(words: Words, sentences: Sequence[str]) -> str:
    """Sentences one after the other."""
    text = sentences[0]
    for following in sentences[1:]:
        text = words("chart.alt.and_then", first=text, second=following)
    return text


def name(text: object) -> str:
    """A name from the data, as it stands but not longer than a sentence can bear."""
    shown = clean(text)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME // 2]}…{shown[-LONGEST_NAME // 2 :]}"


def trend(subject: str, shown: Series, values: Values, grain: str, words: Words, as_columns: bool, fiscal: int) -> str:
    """Line chart of revenue by month, Jan 2024 to May 2026. Highest ... lowest ... It rises."""

    def when(place: int) -> str:
        return words.numbers.period(shown.start[place], shown.end[place], grain, fiscal)

    finished = shown.finished
    known = np.flatnonzero(np.isfinite(finished))
    kind = words("chart.kind.columns" if as_columns else "chart.kind.line")
    running = np.flatnonzero(np.isfinite(shown.unfinished))
    if not len(known):
        if not len(running):
            return words("chart.alt.empty", kind=kind, subject=subject)
        value = values.label(shown.unfinished[running[-1]])
        return words("chart.alt.only_running", kind=kind, subject=subject, value=value, when=when(running[-1]))
    said = [words("chart.alt.over_time", kind=kind, subject=subject, first=when(known[0]), last=when(known[-1]))]
    if len(known) > 1 and np.ptp(finished[known]) > 0:
        top, bottom = known[np.argmax(finished[known])], known[np.argmin(finished[known])]
        said.append(
            words(
                "chart.alt.extremes",
                high=values.label(finished[top]),
                high_at=when(top),
                low=values.label(finished[bottom]),
                low_at=when(bottom),
            )
        )
    said.append(words("chart.alt.last", last=values.label(finished[known[-1]]), last_at=when(known[-1])))
    if len(known) > 3:
        said.append(words(f"chart.alt.{direction(finished[known])}"))
    if len(running):
        said.append(words.count("chart.alt.unfinished", len(running)))
    return joined(words, said)


def ranked(kind: str, subject: str, names: Sequence[str], found: np.ndarray, values: Values, words: Words) -> str:
    """Bar chart of revenue by region: 6 groups. Highest North with €1.2M, lowest ..."""
    known = np.flatnonzero(np.isfinite(found))
    kind_name = words(f"chart.kind.{kind}")
    if not len(known):
        return words("chart.alt.empty", kind=kind_name, subject=subject)
    said = [words.count("chart.alt.groups", len(found), kind=kind_name, subject=subject)]
    top, bottom = known[np.argmax(found[known])], known[np.argmin(found[known])]
    if len(known) == 1:
        said.append(words("chart.alt.single", name=name(names[top]), value=values.label(found[top])))
    elif found[top] == found[bottom]:
        said.append(words("chart.alt.all_alike", value=values.label(found[top])))
    else:
        said.append(
            words(
                "chart.alt.extremes",
                high=values.label(found[top]),
                high_at=name(names[top]),
                low=values.label(found[bottom]),
                low_at=name(names[bottom]),
            )
        )
    return joined(words, said)


def direction(values: np.ndarray) -> str:
    """rises, falls or wavers, by Spearman's rank correlation with time."""
    if len(values) < 3 or np.ptp(values / max(np.abs(values).max(), 1.0)) == 0:
        return "level"
    ranks = _ranks(values)
    correlation = float(np.corrcoef(ranks, np.arange(len(values)))[0, 1])
    if abs(correlation) < CLEAR_DIRECTION:
        return "wavers"
    return "rises" if correlation > 0 else "falls"


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks, the mean of its ranks for a value that occurs several times."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[where]


__all__ = ["direction", "joined", "name", "ranked", "trend"]
