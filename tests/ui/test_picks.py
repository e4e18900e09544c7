"""What a click on a mark means: which rows it stands for, and what it is called in the list's title."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from data_access.calendar import Calendar
from i18n.words import load_words
from metrics.results import Breakdown, Bridge, Funnel, Result, StageTimes, Trend, Triangle
from ui.picks import NAMES, part_of, part_title

ENGLISH, CHINESE = load_words("en"), load_words("zh-CN")
UTC = Calendar("UTC")
ONE = pd.DataFrame({"stage": ["s1", "won"], "stage_name": ["Qualify *now*", "Closed won"]})


def made(shape: type[Result], frame: pd.DataFrame = ONE, **fields: Any) -> Result:
    """A result with only what a pick reads of it."""
    result = object.__new__(shape)
    for name, value in {"frame": frame, "n": 1, "notes": (), **fields}.items():
        object.__setattr__(result, name, value)
    return result


CASES = [
    (Trend, ("2026-03-01", "2026-04-01"), {"from": "2026-03-01", "to": "2026-04-01"}, "1–31 Mar 2026"),
    (Breakdown, ("North",), {"group": "North"}, "North"),
    (Breakdown, (None,), {"group": "(none)"}, "Not recorded"),
    (Bridge, ("a, b",), {"group": "a, b"}, "a, b"),
    (Funnel, ("s1",), {"stage": "s1"}, "Qualify *now*"),
    (Funnel, ("won",), {"stage": "won"}, "Won"),
    (StageTimes, ("unknown",), {"stage": "unknown"}, "unknown"),
    (Triangle, (None, "2026-03-01", 3), {"group": "(none)", "cohort": "2026-03-01", "age": "3"},
     "Not recorded · Mar 2026 · 3 months later"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "key", "part", "title"), CASES, ids=str)
def test_a_mark_stands_for_its_rows_and_is_named_as_it_is_read(shape, key, part, title):
    result = made(shape, grain="month")
    assert part_of(result, key) == part
    assert part_title(part, result, ENGLISH, UTC) == title


def test_a_cell_of_a_triangle_without_groups_names_no_group():
    result = made(Triangle, grain="month")
    part = {"cohort": "2026-03-01 00:00:00", "age": "1"}
    assert part_title(part, result, ENGLISH, UTC) == "Mar 2026 · 1 month later"
    assert part_title(part, result, CHINESE, UTC) == "2026年3月 · 1 个月后"


@pytest.mark.parametrize(
    ("grain", "title"), [("week", "2 Mar 2026 · 2 weeks later"), ("quarter", "Q1 2026 · 2 quarters later")]
)
def test_a_cohort_is_named_by_its_period(grain, title):
    day = "2026-03-02" if grain == "week" else "2026-01-01"
    assert part_title({"cohort": day, "age": "2"}, made(Triangle, grain=grain), ENGLISH, UTC) == title


def test_a_funnel_that_is_broken_down_lists_by_group():
    result = made(Funnel, ONE.assign(group="North"))
    assert part_of(result, ("North",)) == {"group": "North"}


def test_every_shape_that_can_be_clicked_says_what_its_marks_are():
    assert set(NAMES) == {Trend, Breakdown, Bridge, Funnel, StageTimes, Triangle}
