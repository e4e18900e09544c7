"""metrics/notes.py: what has to be said beside a figure, as a sentence in either language."""

from __future__ import annotations

from datetime import datetime

import pytest

from data_access.source import open_source
from i18n.words import LANGUAGES, load_words
from metrics.metric import all_metrics
from metrics.notes import sentence
from metrics.question import DIMENSIONS
from metrics.results import note
from tests.company import company
from tests.metrics.sold import YEAR
from tests.worlds import ask_source

MOMENT = datetime(2026, 6, 18, 22, 30)


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("en", "UTC", "18 Jun 2026, 22:30"),
        ("en", "Asia/Shanghai", "19 Jun 2026, 06:30"),
        ("zh-CN", "Asia/Shanghai", "2026年6月19日 06:30"),
    ],
)
def test_a_moment_is_read_on_the_clocks_of_the_company(language, zone, said):
    assert said in sentence(note("unfinished_period", until=MOMENT), load_words(language), zone)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_dimension_is_named_in_words(language, dimension):
    words = load_words(language)
    text = sentence(note("filter_not_applicable", dimension=dimension), words, "UTC")
    assert words(f"dimension.{dimension}") in text


def test_a_number_decides_the_form_of_its_sentence():
    words = load_words("en")
    one, two = (sentence(note("rows_without_rate", n=n), words, "UTC") for n in (1, 2000))
    assert one != two.replace("2,000", "1")
    assert "2,000" in two


def test_gaps_in_any_order_are_one_note():
    assert note("churn_pause_segment", segment="A", days=3) == note("churn_pause_segment", days=3, segment="A")
    assert len({note("x", a=1, b=2), note("x", b=2, a=1)}) == 1


def test_hostile_names_stand_in_the_sentence_as_they_are():
    text = sentence(note("churn_pause_segment", segment="{days} <b>x</b>", days=3), load_words("en"), "UTC")
    assert "{days} <b>x</b>" in text


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_every_note_of_every_metric_is_a_whole_sentence_in_every_language(engine, shelf):
    """Over a company in which everything happens, unfinished, filtered by what some metrics do not know."""
    source, keys = open_source(shelf(engine, "company", company)), set()
    for name in all_metrics():
        for when in (YEAR, "2024-05", "2027-02"):
            for item in ask_source(source, name, when, where={"channel": "web", "category": "Bikes"}).notes:
                keys.add(item.key)
                for language in LANGUAGES:
                    text = sentence(item, load_words(language), source.settings.timezone)
                    assert text.endswith((".", "。")), text
                    assert "{" not in text
                    assert "None" not in text
    assert {"filter_not_applicable", "unfinished_period", "period_before_data", "period_not_begun"} < keys
