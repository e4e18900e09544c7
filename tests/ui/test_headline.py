"""ui/headline.py: the answer of a page, and why there is none."""

from __future__ import annotations

import pytest

from tests.ui.companies import demo_view
from ui.headline import findings_sentences

OUTSIDE = {"en": "after the period compared with ended", "zh-CN": "晚于对比期的结束"}
PARTLY = {"en": "inside the period compared with", "zh-CN": "对比期只有部分记录"}
NOISE = {"en": "No change beyond noise.", "zh-CN": "变化没有超出正常波动。"}
TOO_FEW = {"en": "too few cases", "zh-CN": "样本太少"}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("period", "compare", "reason"),
    [
        pytest.param("2023-05-27..2023-12-31", "previous", OUTSIDE, id="the-period-before-lies-before-the-data"),
        pytest.param("2023-06-01..2024-01-01", "year", OUTSIDE, id="the-year-before-lies-before-the-data"),
        pytest.param("2024-01-01..2025-01-01", "year", PARTLY, id="the-data-begin-inside-the-year-before"),
        pytest.param("2026-03-03..2026-03-04", "previous", NOISE, id="noise"),
    ],
)
def test_where_nothing_is_found_the_headline_says_the_true_reason(small_demo, language, period, compare, reason):
    """The demo company's data begin on 30 May 2023; it has hundreds of orders in each of these periods but the last."""
    said = findings_sentences(demo_view(small_demo, "overview", language, period=period, compare=compare))[0]
    assert reason[language] in said
    assert TOO_FEW[language] not in said
    assert ("2023" in said) is (reason in (OUTSIDE, PARTLY))
