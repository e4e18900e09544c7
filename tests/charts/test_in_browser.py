"""In a real browser nothing is cut off, nothing lies on top of something else, and names stay names.

A phone leaves a chart 324 pixels of 390, a panel of half a page 560.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import plotly
import pytest
from playwright.sync_api import Browser

from charts.chart import Chart
from charts.theme import CONFIG
from i18n.words import load_words
from tests.charts.frames import HOSTILE, all_shapes, believable

pytestmark = pytest.mark.browser

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
WIDTHS = (324, 560)
# Every line of text that is seen, by its place inside its chart.
LINES = """() => [...document.querySelectorAll('main > div')].map(chart => {
  const box = chart.getBoundingClientRect()
  const texts = [...chart.querySelectorAll('svg text')].flatMap(text => {
    const lines = [...text.querySelectorAll('tspan.line')]
    return lines.length ? lines : [text]
  })
  return texts.map(text => [text.textContent, text.getBoundingClientRect()])
    .filter(([text, place]) => text.trim() && place.width)
    .map(([text, place]) => [
      text, place.left - box.left, place.top - box.top, place.right - box.left, place.bottom - box.top])
})"""


def drawn(browser: Browser, charts: dict[str, Chart], width: int) -> dict[str, list[Any]]:
    """The lines of text of each chart: text, left, top, right, bottom."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    places = "".join(f'<div style="width:{max(width, chart.min_width)}px"></div>' for chart in charts.values())
    page.set_content(f"<body style='margin:0'><main>{places}</main>")
    page.add_script_tag(path=str(PLOTLY))
    figures = [json.loads(chart.figure.to_json()) for chart in charts.values()]
    page.evaluate(
        """async ([figures, config]) => {
          const places = [...document.querySelectorAll('main > div')]
          await Promise.all(places.map((place, i) => Plotly.newPlot(place, figures[i].data, figures[i].layout, config)))
        }""",
        [figures, CONFIG],
    )
    found = page.evaluate(LINES)
    links = page.locator("svg a").count()
    page.close()
    assert faults == []
    assert links == 0
    return dict(zip(charts, found, strict=True))


def cut_off(charts: dict[str, Chart], found: dict[str, list[Any]], width: int) -> list[tuple[str, str]]:
    """Texts that reach beyond the edges of their chart."""
    return [
        (name, text)
        for name, chart in charts.items()
        for text, left, top, right, bottom in found[name]
        if left < -1 or top < -1 or right > max(width, chart.min_width) + 1 or bottom > chart.height + 1
    ]


def overlapping(lines: list[Any]) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other by more than the empty edge of a line."""
    pairs = []
    for i, (one, left, top, right, bottom) in enumerate(lines):
        for other, other_left, other_top, other_right, other_bottom in lines[:i]:
            across = min(right, other_right) - max(left, other_left)
            down = min(bottom, other_bottom) - max(top, other_top)
            if across > 1 and down > 4:
                pairs.append((one, other))
    return pairs


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_and_nothing_overlaps(browser, language, width):
    charts = {name: draw(load_words(language), "light") for name, draw in believable().items()}
    found = drawn(browser, charts, width)
    assert cut_off(charts, found, width) == []
    assert {name: pairs for name in charts if (pairs := overlapping(found[name]))} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_names_are_read_literally_and_stay_inside(browser, width):
    values = [1e6 / (place + 1) for place in range(len(HOSTILE))]
    charts = {name: draw(load_words("en"), "light") for name, draw in all_shapes(HOSTILE, values).items()}
    found = drawn(browser, charts, width)
    for name in ("bars", "waterfall", "funnel by group"):
        texts = [text for text, *_ in found[name]]
        assert any(text.startswith("<b>B") for text in texts)
        assert any(text.startswith("&lt;i") for text in texts)
        assert any(text.startswith("$x^2$") for text in texts)
    assert cut_off(charts, found, width) == []
