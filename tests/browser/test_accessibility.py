"""axe finds nothing serious or critical of our making, on any page, in either language and theme."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from i18n.words import load_words
from tests.browser.window import PAGES, Window

pytestmark = pytest.mark.browser
# Streamlit's own parts, which no option of it changes.
FRAMEWORK: dict[tuple[str, str], str] = {}


def violations(window: Window) -> list[str]:
    """What is serious or critical, by rule and place."""
    window.settle()
    found = Axe().run(window.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not is_framework(rule["id"], node)
    ]


def is_framework(rule: str, node: dict[str, Any]) -> bool:
    """Whether the node is one of Streamlit's own that fail this rule."""
    return any(rule == known and part in node["html"] for known, part in FRAMEWORK)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_serious_fault_in_either_theme_and_language(window, name):
    for scheme, language in (("light", "en"), ("dark", "zh-CN"), ("dark", "en"), ("light", "zh-CN")):
        viewer = window(color_scheme=scheme).open(name, language)
        assert (scheme, language, violations(viewer)) == (scheme, language, [])


def test_the_filters_and_an_explanation_have_no_serious_fault(window):
    viewer = window().open("overview").open_sheet()
    assert violations(viewer) == []
    viewer.page.keyboard.press("Escape")
    viewer.press("explain-card-revenue")
    expect(viewer.page.locator("[role=dialog] dl.explain")).to_be_visible()
    assert violations(viewer) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_dark_theme_reaches_page_panels_and_charts(window, language):
    viewer = window(color_scheme="dark").open("overview", language)
    grounds = viewer.page.evaluate(
        """() => ['[data-testid=stApp]', '[class*=st-key-panel-]'].map(name =>
          getComputedStyle(document.querySelector(name)).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number))"""
    )
    inks = viewer.page.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot .xtick text, .js-plotly-plot .ytick text')].map(text =>
          getComputedStyle(text).fill.match(/[0-9]+/g).slice(0, 3).map(Number))"""
    )
    assert all(max(ground) < 60 for ground in grounds)
    assert len(inks) > 10
    assert all(min(ink) > 120 for ink in inks)
    assert viewer.heading == load_words(language)("page.overview.title")
