"""Numbers, money and dates in both languages, with no value, zero, minus and the very large."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from i18n.numbers import Numbers, as_decimal, fiscal_quarter, rounded, rounded_to_significant
from i18n.texts import LANGUAGES

EN, ZH = Numbers("en"), Numbers("zh-CN")
NO_VALUES = [None, math.nan, math.inf, -math.inf, np.float32("nan"), pd.NA, pd.NaT, Decimal("NaN"), Decimal("Infinity")]
HUGE: list[Any] = [
    1e15,
    1e21,
    1e100,
    1.7976931348623157e308,
    5e-324,
    10**40,
    Decimal("123456789012345678901234.123456"),
]
FORMATTERS: dict[str, Callable[[Numbers, Any], str]] = {
    "count": lambda numbers, value: numbers.count(value),
    "number": lambda numbers, value: numbers.number(value, 2),
    "compact": lambda numbers, value: numbers.compact(value),
    "money": lambda numbers, value: numbers.money(value, "EUR"),
    "compact money": lambda numbers, value: numbers.money(value, "EUR", compact=True),
    "ratio": lambda numbers, value: numbers.ratio(value),
    "points": lambda numbers, value: numbers.points(value),
    "signed ratio": lambda numbers, value: numbers.signed_ratio(value),
    "signed": lambda numbers, value: numbers.signed(value, numbers.count),
    "score": lambda numbers, value: numbers.score(value),
    "days": lambda numbers, value: numbers.days(value),
    "interval": lambda numbers, value: numbers.interval(value, value, numbers.ratio),
}
day = dt.date


@pytest.fixture(params=LANGUAGES)
def numbers(request: pytest.FixtureRequest) -> Numbers:
    return Numbers(request.param)


@pytest.fixture(params=FORMATTERS)
def formatter(request: pytest.FixtureRequest):
    return FORMATTERS[request.param]


@pytest.mark.parametrize("value", NO_VALUES, ids=repr)
def test_no_value_is_a_dash(numbers, formatter, value):
    assert formatter(numbers, value) == numbers.dash == "–"


@pytest.mark.parametrize("value", [*HUGE, *(-value for value in HUGE)], ids=repr)
def test_the_very_large_and_the_very_small_are_written_out(numbers, formatter, value):
    shown = formatter(numbers, value)
    assert shown
    assert not any(part in shown.lower() for part in ("nan", "inf", "e+", "e-", "-"))


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_float_can_be_shown(value):
    for numbers in (EN, ZH):
        for write in FORMATTERS.values():
            assert write(numbers, value)


@pytest.mark.parametrize("value", [0, 0.0, -0.0, Decimal("-0.00"), -0.0001, 0.0001], ids=repr)
def test_what_reads_as_zero_has_no_sign(numbers, value):
    assert numbers.count(value) == "0"
    assert numbers.ratio(value) == numbers.signed_ratio(value) == "0.0%"
    assert numbers.money(value, "EUR") == numbers.signed(value, lambda v: numbers.money(v, "EUR")) == "€0.00"
    assert numbers.points(value, 0).startswith("0 ")


@pytest.mark.parametrize("value", ["12", True, object()], ids=["text", "truth", "thing"])
def test_what_is_no_number_is_refused(numbers, value):
    with pytest.raises(TypeError, match="is not a number"):
        numbers.count(value)


@pytest.mark.parametrize("kind", [int, float, Decimal, np.int64, np.float64, np.float32])
def test_every_kind_of_number_reads_alike(numbers, kind):
    assert numbers.count(kind(1234)) == "1,234"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234567, "1,234,567"), (999.5, "1,000"), (0.5, "1"), (-0.5, "−1"), (-1234, "−1,234"), (12, "12")],
)
def test_counts_are_whole_and_separated(numbers, value, shown):
    assert numbers.count(value) == shown


def test_halves_go_away_from_zero_as_readers_expect(numbers):
    assert numbers.number(0.125, 2) == "0.13"
    assert numbers.number(2.5, 0) == "3"
    assert numbers.number(1.005, 2) == "1.01", "as written, not as the nearest binary fraction"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (0.00123, "0.00123", "0.00123"),
        (12.345, "12.3", "12.35"),
        (999, "999", "999"),
        (999.6, "1K", "999.6"),
        (1234, "1.23K", "1,234"),
        (9999.6, "10K", "1万"),
        (12345, "12.3K", "1.235万"),
        (100_000, "100K", "10万"),
        (999_999, "1M", "100万"),
        (1_200_000, "1.2M", "120万"),
        (1_234_567, "1.23M", "123.5万"),
        (-1_234_567, "−1.23M", "−123.5万"),
        (12_345_678, "12.3M", "1,235万"),
        (99_999_999, "100M", "1亿"),
        (123_456_789, "123M", "1.235亿"),
        (1_234_567_890_123, "1.23T", "1.235万亿"),
        (10**16, "10,000T", "10,000万亿"),
    ],
)
def test_compact_numbers_use_the_units_of_the_language(value, english, chinese):
    assert EN.compact(value) == english
    assert ZH.compact(value) == chinese


def test_significant_figures_can_be_chosen():
    assert EN.compact(1_234_567, significant=2) == "1.2M"
    assert ZH.compact(1_234_567, significant=2) == "120万"
    assert EN.money(1_234_567, "EUR", compact=True, significant=5) == "€1.2346M"


@pytest.mark.parametrize(
    ("value", "currency", "english", "chinese"),
    [
        (1234.5, "EUR", "€1,234.50", "€1,234.50"),
        (-12, "EUR", "−€12.00", "−€12.00"),
        (1234.5, "USD", "$1,234.50", "US$1,234.50"),
        (1234.5, "CNY", "CN¥1,234.50", "¥1,234.50"),
        (1234.5, "JPY", "¥1,235", "JP¥1,235"),
        (1.5, "KWD", "KWD\u00a01.500", "KWD\u00a01.500"),
        (1234.5, "chf", "CHF\u00a01,234.50", "CHF\u00a01,234.50"),
        (5, "ZZZ", "ZZZ\u00a05.00", "ZZZ\u00a05.00"),
        (5, None, "5.00", "5.00"),
        (5, "", "5.00", "5.00"),
    ],
)
def test_money_has_the_sign_and_decimals_of_its_currency(value, currency, english, chinese):
    assert EN.money(value, currency) == english
    assert ZH.money(value, currency) == chinese


def test_money_can_be_shown_whole():
    assert EN.money(-12, "EUR", digits=0) == "−€12"
    assert EN.money(1234.5, "EUR", digits=0) == "€1,235"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1_234_567, "€1.23M", "€123.5万"),
        (-1_234_567, "−€1.23M", "−€123.5万"),
        (1234.56, "€1.23K", "€1,235"),
        (151.7, "€152", "€152"),
        (99.999, "€100", "€100"),
        (52.34, "€52.34", "€52.34"),
        (52.3, "€52.30", "€52.30"),
        (52, "€52", "€52"),
        (0.5, "€0.50", "€0.50"),
        (0, "€0", "€0"),
    ],
)
def test_compact_money_never_shows_half_of_its_cents(value, english, chinese):
    assert EN.money(value, "EUR", compact=True) == english
    assert ZH.money(value, "EUR", compact=True) == chinese


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.1234, 1, "12.3%"),
        (0.1235, 1, "12.4%"),
        (1, 0, "100%"),
        (-0.052, 1, "−5.2%"),
        (12.3456, 0, "1,235%"),
        (0, 1, "0.0%"),
    ],
)
def test_ratios_are_percentages(numbers, value, digits, shown):
    assert numbers.ratio(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0.042, "+4.2 pp", "+4.2 个百分点"),
        (-0.042, "−4.2 pp", "−4.2 个百分点"),
        (0.0004, "0.0 pp", "0.0 个百分点"),
        (1.5, "+150.0 pp", "+150.0 个百分点"),
    ],
)
def test_differences_of_ratios_are_points(value, english, chinese):
    assert EN.points(value) == english
    assert ZH.points(value) == chinese


def test_changes_carry_their_sign(numbers):
    assert numbers.signed_ratio(0.06) == "+6.0%"
    assert numbers.signed_ratio(-0.061) == "−6.1%"
    assert numbers.signed(3.2, numbers.score) == "+3"
    assert numbers.signed(-3.2, numbers.score) == "−3"
    assert numbers.signed(12, lambda value: numbers.money(value, "EUR")) == "+€12.00"


def test_scores_are_whole_unless_asked(numbers):
    assert numbers.score(42.3) == "42"
    assert numbers.score(-42.5) == "−43"
    assert numbers.score(42.34, 1) == "42.3"
    assert (numbers.score(-100), numbers.score(100)) == ("−100", "100")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (12.4, "12.4 days", "12.4 天"),
        (12.0, "12 days", "12 天"),
        (1, "1 day", "1 天"),
        (1.04, "1 day", "1 天"),
        (0, "0 days", "0 天"),
        (0.5, "0.5 days", "0.5 天"),
        (-3, "−3 days", "−3 天"),
        (1234.56, "1,234.6 days", "1,234.6 天"),
    ],
)
def test_days(value, english, chinese):
    assert EN.days(value) == english
    assert ZH.days(value) == chinese


def test_an_interval_has_both_ends():
    assert EN.interval(0.112, 0.134, EN.ratio) == "11.2% to 13.4%"
    assert ZH.interval(0.112, 0.134, ZH.ratio) == "11.2% 至 13.4%"
    assert EN.interval(-0.112, 0.134, EN.signed_ratio) == "−11.2% to +13.4%"
    assert EN.interval(None, 0.134, EN.ratio) == EN.interval(0.112, math.nan, EN.ratio) == "–"


@pytest.mark.parametrize(
    "value", [day(2026, 6, 18), dt.datetime(2026, 6, 18, 23, 59), pd.Timestamp("2026-06-18 01:00")]
)
def test_dates_are_written_out(value):
    assert EN.date(value) == "18 Jun 2026"
    assert ZH.date(value) == "2026年6月18日"


def test_every_month_has_three_letters_in_english():
    months = [EN.date(day(2026, month, 1)).split()[1] for month in range(1, 13)]
    assert months == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", ZoneInfo("Europe/Berlin")])
def test_moments_are_shown_on_the_clocks_of_the_company(zone):
    assert EN.moment(dt.datetime(2026, 6, 18, 16), zone) == "18 Jun 2026, 18:00"
    assert ZH.moment(dt.datetime(2026, 6, 18, 16), zone) == "2026年6月18日 18:00"
    assert EN.moment(dt.datetime(2026, 12, 31, 23, 30), zone) == "1 Jan 2027, 00:30"


def test_a_moment_with_a_zone_of_its_own_is_moved_from_there():
    aware = dt.datetime(2026, 6, 18, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert EN.moment(aware, "UTC") == "18 Jun 2026, 08:00"
    assert EN.moment(pd.Timestamp("2026-06-18 16:00"), "Asia/Shanghai") == "19 Jun 2026, 00:00"


@pytest.mark.parametrize("nothing", [None, pd.NaT])
def test_no_date_is_a_dash(numbers, nothing):
    shown = [
        numbers.date(nothing),
        numbers.moment(nothing, "UTC"),
        numbers.dates(nothing, day(2026, 6, 1)),
        numbers.dates(day(2026, 6, 1), nothing),
        numbers.period(nothing, None, "month"),
        numbers.short_period(nothing, None, "week"),
        numbers.year(nothing),
    ]
    assert set(shown) == {"–"}


@pytest.mark.parametrize(
    ("start", "end", "english", "chinese"),
    [
        (day(2026, 6, 1), day(2026, 6, 19), "1–18 Jun 2026", "2026年6月1日–18日"),
        (day(2026, 6, 1), day(2026, 7, 1), "1–30 Jun 2026", "2026年6月1日–30日"),
        (day(2026, 5, 28), day(2026, 6, 4), "28 May – 3 Jun 2026", "2026年5月28日–6月3日"),
        (day(2025, 12, 28), day(2026, 1, 4), "28 Dec 2025 – 3 Jan 2026", "2025年12月28日–2026年1月3日"),
        (day(2025, 6, 1), day(2026, 6, 2), "1 Jun 2025 – 1 Jun 2026", "2025年6月1日–2026年6月1日"),
        (day(2026, 6, 1), day(2026, 6, 2), "1 Jun 2026", "2026年6月1日"),
        (day(2026, 6, 1), day(2026, 6, 1), "–", "–"),
        (day(2026, 6, 2), day(2026, 6, 1), "–", "–"),
    ],
)
def test_a_half_open_period_is_shown_with_its_last_day(start, end, english, chinese):
    assert EN.dates(start, end) == english
    assert ZH.dates(start, end) == chinese


@pytest.mark.parametrize(
    ("grain", "fiscal_start", "english", "chinese"),
    [
        ("day", 1, "2 Mar 2026", "2026年3月2日"),
        ("week", 1, "2–8 Mar 2026", "2026年3月2日–8日"),
        ("month", 1, "Mar 2026", "2026年3月"),
        ("quarter", 1, "Q1 2026", "2026年第1季度"),
        ("year", 1, "2026", "2026年"),
        ("week", 4, "2–8 Mar 2026", "2026年3月2日–8日"),
        ("month", 4, "Mar 2026", "2026年3月"),
        ("quarter", 4, "FY2026 Q4", "2026财年第4季度"),
        ("quarter", 3, "FY2027 Q1", "2027财年第1季度"),
        ("year", 4, "FY2026", "2026财年"),
        ("year", 3, "FY2027", "2027财年"),
    ],
)
def test_a_calendar_bucket_has_a_name(grain, fiscal_start, english, chinese):
    start, end = day(2026, 3, 2), day(2026, 3, 9)
    assert EN.period(start, end, grain, fiscal_start) == EN.period(start, None, grain, fiscal_start) == english
    assert ZH.period(start, end, grain, fiscal_start) == chinese


@pytest.mark.parametrize(
    ("grain", "fiscal_start", "english", "chinese"),
    [
        ("day", 1, "2 Mar", "3月2日"),
        ("week", 1, "2 Mar", "3月2日"),
        ("month", 1, "Mar", "3月"),
        ("quarter", 1, "Q1", "1季度"),
        ("quarter", 4, "Q4", "4季度"),
        ("year", 1, "2026", "2026年"),
        ("year", 4, "FY2026", "2026财年"),
    ],
)
def test_a_calendar_bucket_has_a_short_name_for_an_axis(grain, fiscal_start, english, chinese):
    assert EN.short_period(day(2026, 3, 2), None, grain, fiscal_start) == english
    assert ZH.short_period(day(2026, 3, 2), None, grain, fiscal_start) == chinese


def test_the_year_of_an_axis_is_the_fiscal_one():
    assert (EN.year(day(2026, 5, 1)), EN.year(day(2026, 5, 1), 4), ZH.year(day(2026, 5, 1), 4)) == (
        "2026",
        "FY2027",
        "2027财年",
    )


def test_an_unknown_grain_is_refused_with_the_known_ones(numbers):
    with pytest.raises(ValueError, match="no grain `decade`; the grains are day, week, month, quarter, year"):
        numbers.period(day(2026, 1, 1), None, "decade")


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 12))
def test_a_fiscal_year_ends_in_the_year_that_names_it(date, month):
    year, quarter = fiscal_quarter(date, month)
    first_after = dt.date(year + (month == 1), month, 1)
    months_left = (first_after.year - date.year) * 12 + first_after.month - date.month
    assert 1 <= months_left <= 12
    assert quarter == 4 - (months_left - 1) // 3


def test_months_have_names():
    assert (EN.month(1), EN.month(12), ZH.month(4)) == ("January", "December", "四月")


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="no texts in `fr`"):
        Numbers("fr").days(1)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6),
    st.integers(0, 4),
)
def test_a_rounded_number_is_at_most_half_a_step_away(number, digits):
    assert abs(rounded(number, digits) - number) <= Decimal(5).scaleb(-digits - 1)


@given(st.floats(min_value=1e-9, max_value=1e15), st.integers(1, 6))
def test_significant_figures_are_kept(value, significant):
    number = as_decimal(value)
    assert number is not None
    short = rounded_to_significant(number, significant)
    assert abs(short - number) / number <= Decimal(5).scaleb(-significant)


@given(st.integers(-(10**18), 10**18))
def test_a_count_can_be_read_back(value):
    for numbers in (EN, ZH):
        assert int(numbers.count(value).replace(",", "").replace("−", "-")) == value
