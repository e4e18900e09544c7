"""Figures in words: each unit in each language, a change with its direction, and what was chosen as one sentence."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest

from data_access.calendar import Calendar
from i18n.words import LANGUAGES, load_words
from metrics.metric import Better, Unit, all_metrics
from metrics.periods import Comparison, Period, observed
from metrics.question import DIMENSIONS, Filters
from metrics.statistics import Change, Verdict
from ui.words_of import ARROWS, COUNTED, change_shown, choices_sentence, dates_of, judgement, shown

ENGLISH, CHINESE = load_words("en"), load_words("zh-CN")
NAN = math.nan


def change(verdict: Verdict, difference: float = 0.0, ratio: float = 0.0) -> Change:
    """A change of this direction and size."""
    return Change(NAN, NAN, difference, ratio, NAN, NAN, NAN, verdict)


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (1_234_567.891, Unit.MONEY, "€1.23M", "€123.5万"),
        (1_234, Unit.COUNT, "1,234", "1,234"),
        (99_999, Unit.COUNT, "99,999", "99,999"),
        (1_234_567, Unit.COUNT, "1.23M", "123.5万"),
        (0.1234, Unit.RATIO, "12.3%", "12.3%"),
        (-42.4, Unit.SCORE, "−42", "−42"),
        (12.34, Unit.DAYS, "12.3 days", "12.3 天"),
        (0, Unit.COUNT, "0", "0"),
        (0.0, Unit.MONEY, "€0", "€0"),
    ],
)
def test_a_value_is_read_with_its_unit(value, unit, english, chinese):
    assert (shown(value, unit, ENGLISH, "EUR"), shown(value, unit, CHINESE, "EUR")) == (english, chinese)


def test_a_value_is_also_there_in_full():
    assert shown(1_234_567.891, Unit.MONEY, ENGLISH, "EUR", compact=False) == "€1,234,567.89"
    assert shown(1_234_567, Unit.COUNT, ENGLISH, "EUR", compact=False) == "1,234,567"


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit not in (Unit.TEXT, Unit.FLAG, Unit.DATE)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_value_is_a_dash_and_never_a_zero(unit, language):
    words = load_words(language)
    for nothing in (None, NAN):
        assert shown(nothing, unit, words, "EUR") == words.numbers.dash
        assert shown(nothing, unit, words, "EUR", compact=False) == words.numbers.dash


def test_amounts_change_by_percent_and_ratios_by_points():
    assert change_shown(change(Verdict.UP, 120.0, 0.123), Unit.MONEY, ENGLISH) == "+12.3%"
    assert change_shown(change(Verdict.DOWN, -0.042, -0.3), Unit.RATIO, ENGLISH) == "−4.2 pp"
    assert change_shown(change(Verdict.DOWN, -3.2, -0.3), Unit.SCORE, ENGLISH) == "−3"
    assert change_shown(change(Verdict.UP, 5.0, NAN), Unit.MONEY, ENGLISH) == ENGLISH.numbers.dash


@pytest.mark.parametrize(
    ("verdict", "better", "tone"),
    [
        (Verdict.UP, Better.HIGHER, "good"),
        (Verdict.UP, Better.LOWER, "bad"),
        (Verdict.DOWN, Better.HIGHER, "bad"),
        (Verdict.DOWN, Better.LOWER, "good"),
        (Verdict.UP, Better.NEITHER, "quiet"),
        (Verdict.NOISE, Better.HIGHER, "quiet"),
        (Verdict.TOO_FEW, Better.LOWER, "quiet"),
        (Verdict.NO_BASELINE, Better.HIGHER, "quiet"),
    ],
)
def test_only_a_change_beyond_noise_is_called_good_or_bad(verdict, better, tone):
    assert judgement(change(verdict), better) == tone


def test_every_verdict_has_a_sign_and_words_besides_its_colour():
    assert set(ARROWS) == set(Verdict)
    assert all(words(f"panel.verdict.{verdict.value}") for words in (ENGLISH, CHINESE) for verdict in Verdict)


def test_what_is_counted_is_named_for_metrics_that_there_are():
    assert set(COUNTED) <= set(all_metrics())
    assert {f"panel.counted.{name}" for name in COUNTED.values()} <= set(ENGLISH.texts.plurals)


# -- dates ----------------------------------------------------------------------------------------------------------
BERLIN = Calendar("Europe/Berlin")


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (datetime(2026, 6, 18, 16, 0), "1–18 Jun 2026"),
        (datetime(2026, 6, 17, 22, 0), "1–17 Jun 2026"),  # local midnight: the 18th has not begun
        (datetime(2026, 6, 30, 22, 0), "1–30 Jun 2026"),
        (datetime(2027, 1, 1), "1–30 Jun 2026"),
        (datetime(2026, 5, 31, 22, 30), "1 Jun 2026"),
    ],
)
def test_the_dates_of_an_unfinished_span_end_with_its_last_day(until, expected):
    span = observed(Period(date(2026, 6, 1), date(2026, 7, 1)), BERLIN, until)
    assert dates_of(span, ENGLISH, BERLIN) == expected


# -- the sentence ---------------------------------------------------------------------------------------------------
def filters(**where: tuple[str, ...]) -> Filters:
    """March 2026 against the year before, narrowed."""
    made = Filters(Period(date(2026, 3, 1), date(2026, 4, 1)), Comparison.YEAR)
    for name, values in where.items():
        made = made.choose(name, *values)
    return made


def test_the_choices_read_as_a_sentence():
    said = choices_sentence(filters(), ENGLISH, {}, has_comparison=True, has_grain=True)
    assert said == "1–31 Mar 2026, by month, compared with the same period last year, all customers"
    said = choices_sentence(filters(), CHINESE, {}, has_comparison=True, has_grain=True)
    assert said == "2026年3月1日–31日，按月，与去年同期对比，全部客户"


def test_a_page_without_comparison_or_time_step_speaks_of_neither():
    assert (
        choices_sentence(filters(), ENGLISH, {}, has_comparison=False, has_grain=False)
        == "1–31 Mar 2026, all customers"
    )


def test_values_are_named_as_the_filter_names_them():
    names = {"owner": {"u1": "Ada Example"}, "country": {"DE": "Germany"}}
    chosen = filters(owner=("u1",), country=("DE", "XX"), region=("(none)", "North"))
    said = choices_sentence(chosen, ENGLISH, names, has_comparison=False, has_grain=False)
    assert said == (
        "1–31 Mar 2026, only Country: Germany and XX, Owner: Ada Example, and Region: Not recorded and North"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_value_with_gaps_and_markup_stands_in_the_sentence_as_it_is(dimension, language):
    hostile = "{dates} <b>%s</b> {0} \\"
    words = load_words(language)
    said = choices_sentence(filters(**{dimension: (hostile,)}), words, {}, has_comparison=True, has_grain=True)
    assert hostile in said
