"""From a phone to a wide screen nothing has to be scrolled sideways, and every control can be reached."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from charts.cohorts import triangle_table
from i18n.words import LANGUAGES, load_words
from tests.browser.window import PAGES
from tests.ui.companies import demo_view

pytestmark = pytest.mark.browser
# What reaches beyond the right edge and is not inside something that scrolls by itself.
TOO_WIDE = """() => [...document.querySelectorAll('main *')].filter(element => {
  const box = element.getBoundingClientRect()
  const scrolls = parent => parent && parent.tagName !== 'MAIN'
    && (getComputedStyle(parent).overflowX !== 'visible' || scrolls(parent.parentElement))
  return box.width > 1 && box.right > innerWidth + 1 && !scrolls(element.parentElement)
}).map(element => element.className.toString().slice(0, 120))"""
SCROLLS = """() => ['html', 'body', '[data-testid=stMain]', '[data-testid=stAppViewContainer]'].filter(name =>
  document.querySelector(name).scrollWidth > document.querySelector(name).clientWidth + 1)"""


@pytest.mark.parametrize("width", [390, 1440, 1920])
def test_no_page_has_to_be_scrolled_sideways(window, width):
    viewer = window(width)
    for name in PAGES:
        for language in LANGUAGES if width == 390 else LANGUAGES[:1]:
            viewer.open(name, language)
            assert (name, viewer.page.evaluate(SCROLLS), viewer.page.evaluate(TOO_WIDE)) == (name, [], [])


@pytest.mark.parametrize("name", [name for name in PAGES if name != "definitions"])
def test_on_a_phone_every_control_is_reached_through_the_sheet(window, name):
    words = load_words("en")
    viewer = window(390, 844, has_touch=True).open(name).open_sheet()
    assert viewer.page.evaluate(SCROLLS) == []
    for key in viewer.controls:
        viewer.at(key).scroll_into_view_if_needed()
        box = viewer.at(key).bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    viewer.choose("period-sheet", words("filter.period.choice.last_year"))
    assert viewer.params["period"] == ["last_year"]
    viewer.page.keyboard.press("Escape")
    for key in ("reset", "share", "export", "language"):
        expect(viewer.at(key).locator("button:visible")).to_be_in_viewport(ratio=0.1) if key == "language" else None
        box = viewer.at(key).locator("button:visible").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_the_triangle_shows_four_ages(window, company, language):
    box = window(390, 844).open("retention", language).page.locator(".stDataFrame").first.bounding_box()
    view = demo_view(company, "retention", language)
    answer = view.ask("retention", **{control.name: view.option(control.name) for control in view.spec.controls})
    table = triangle_table(answer.answer().result, view.words)
    name, size, *ages = table.widths
    assert box is not None
    assert name + size + sum(ages[:4]) <= box["width"]


def test_on_a_phone_every_page_is_one_touch_away(window):
    viewer = window(390, 844, has_touch=True).open("overview")
    for name in reversed(PAGES):
        viewer.follow(name)
        assert viewer.heading == load_words("en")(f"page.{name}.title")
