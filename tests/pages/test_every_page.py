"""Every page in both languages over a database in every state: it opens, says what is missing, and guesses nothing."""

from __future__ import annotations

import re

import pytest

from i18n.words import LANGUAGES, load_words
from metrics.kpis import NAMES
from tests.pages.walk import PAGES, open_page
from tests.worlds import World

READABLE = ("demo", "one customer", "only orders", "only opportunities")
UNREADABLE = ("empty", "missing", "not a database", "a folder")
DATA_PAGES = tuple(name for name in PAGES if name != "definitions")
NEEDS = {"win_rate": "opportunities", "nps": "surveys"}
KEY = re.compile(r"\b(page|panel|filter|metric|column|note|error|dimension|unit|chart|stage)\.[a-z_]+\.?[a-z_.]*\b")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [*READABLE, *UNREADABLE])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_over_any_database(opened, name, state, language):
    page = opened(name, language, state)
    assert not page.app.exception
    assert page.faults.texts == []
    assert page.heading == load_words(language)(f"page.{name}.title")
    assert not [text for text in page.texts if KEY.search(text) or "Traceback" in text]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", UNREADABLE)
@pytest.mark.parametrize("name", DATA_PAGES)
def test_a_database_that_cannot_be_read_is_one_sentence_and_a_way_to_look_again(opened, name, state, language):
    page, words = opened(name, language, state), load_words(language)
    assert len(page.boxes) == 1
    assert page.boxes[0].endswith((".", "。"))
    if state != "empty":
        assert page.source in page.boxes[0]
    assert (page.charts, page.cards, page.panels) == ([], [], {})
    assert words("error.retry") in [button.label for button in page.app.button]


@pytest.mark.parametrize("state", UNREADABLE)
def test_the_definitions_need_no_database(opened, state):
    page = opened("definitions", "en", state)
    assert page.boxes == []
    assert len([body for body in page.html if "<section" in body]) > 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DATA_PAGES)
def test_every_panel_says_what_it_shows_in_which_unit_for_which_days_and_how_many(opened, name, language):
    page, words = opened(name, language, "demo"), load_words(language)
    assert len(page.panels) >= 2
    year = re.compile(r"20\d\d")
    for title, sub in page.panels.items():
        assert title
        assert year.search(sub), f"{title} does not say for which days"
        assert re.search(r"\d", sub.split(", " if language == "en" else "，")[-1]), f"{title} does not say how many"
    assert len([key for key in page.explain_keys if "-card-" not in key]) == len(page.panels)
    assert any(words("filter.as_of", moment="")[:5] in text for text in page.texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", READABLE)
@pytest.mark.parametrize("name", DATA_PAGES)
def test_every_chart_and_table_is_said_in_words(opened, name, state, language):
    page = opened(name, language, state)
    for chart in page.charts:
        assert len(chart.alt) > 15, chart.alt
    for table in page.of("dataframe"):
        assert table.proto.alt
    images = re.findall(r"<img[^>]*>", "".join(page.html))
    assert all(re.search(r'alt="[^"]{5,}"', image) for image in images)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("state", "held"),
    [("only orders", set(NAMES) - {"win_rate", "nps"}), ("only opportunities", {"win_rate"})],
)
def test_a_figure_whose_table_is_missing_has_no_value_and_never_a_zero(opened, state, held, language):
    page, words = opened("overview", language, state), load_words(language)
    assert set(page.figures) == {words(f"metric.{name}.short") for name in held}
    missing = [card for card in page.cards if 'class="missing"' in card]
    assert len(missing) == len(NAMES) - len(held)
    for card in missing:
        assert not re.search(r'class="(value|change|target|spark)', card)
        assert re.search(r"“\w+”", card), "it names the table that would fill it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_without_its_table_says_so_in_every_panel(opened, language):
    page = opened("funnel", language, "only orders")
    assert (page.charts, len(page.boxes)) == ([], len(page.panels))
    assert all("opportunities" in box for box in page.boxes)
    page = opened("retention", language, "only opportunities")
    assert (page.charts, page.of("dataframe"), len(page.boxes)) == ([], [], len(page.panels))
    assert all("orders" in box for box in page.boxes)


def test_one_customer_is_not_judged_and_the_page_says_why(source_of):
    page = open_page("overview", "en", source_of("one customer"), period=["2026-11-01..2026-12-01"])
    assert page.figures["Customers"] == "1"
    assert page.figures["Revenue"] == "CN¥120.00"
    text = " ".join(page.texts)
    assert "after the period compared with ended, so nothing can be said to have changed." in text
    assert "▲" not in "".join(page.cards)
    assert "▼" not in "".join(page.cards)


@pytest.mark.parametrize("name", DATA_PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_filters_that_leave_nobody_give_empty_panels_and_no_fault(source_of, name, language):
    page = open_page(name, language, source_of("demo"), region=["Nowhere"], segment=["Nobody"])
    assert page.faults.texts == []
    assert len(page.problems) == 2
    assert page.boxes


@pytest.mark.parametrize("name", DATA_PAGES)
@pytest.mark.parametrize(
    ("period", "grain"),
    [("1970-01-01..2200-01-01", "day"), ("2026-06-18..2026-06-19", "quarter"), ("all_time", "week")],
)
def test_any_period_is_answered(source_of, name, period, grain):
    page = open_page(name, "en", source_of("demo"), period=[period], grain=[grain])
    assert page.faults.texts == []
    assert len(page.charts) + len(page.of("dataframe")) + len(page.boxes) >= len(page.panels)


# -- revenue that is not known --------------------------------------------------------------------------------------
RATELESS = {"net": 70, "currency": "XTS"}
MONTHS = [
    {"customer_id": "ann", "ordered_at": f"2026-{month:02}-{day:02}", "net": 100}
    for month in (2, 3)
    for day in (1, 15, 28)
]


@pytest.mark.parametrize(
    ("period", "orders", "said"),
    [
        ("2026-04-01..2026-05-01", [*MONTHS, RATELESS | {"ordered_at": "2026-04-10"}], "has an exchange rate"),
        ("2026-03-01..2026-04-01", [RATELESS | {"ordered_at": "2026-02-03"}, MONTHS[-1], RATELESS | {"ordered_at": "2026-01-30"}],
         "has an exchange rate"),
        ("2026-02-01..2026-03-01", [*MONTHS, RATELESS | {"ordered_at": "2026-02-10"}], "nothing to compare with"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_split_says_why(write, period, orders, said):
    world = World(orders=orders, settings={"data_as_of": "2026-05-02", "base_currency": "EUR"})
    page = open_page("overview", "en", write(world), period=period, compare="previous")
    assert page.faults.texts == []
    assert len([box for box in page.boxes if said in box]) >= 1
