"""Behind every figure: its explanation, by mouse and by keyboard, and the list of rows that it counted."""

from __future__ import annotations

import re

import duckdb
import pytest
from playwright.sync_api import Locator, expect

from i18n.words import load_words
from tests.browser.window import Window, rows_of
from ui.triangle import HEAD, ROW

pytestmark = pytest.mark.browser
EN = load_words("en")
YEAR = "2025-01-01..2026-01-01"
SQL = "[role=dialog] [data-testid=stCode] code"


def press_mark(window: Window, chart: str, place: int) -> list[str]:
    """Click one bar of a chart; gives what its label says."""
    window.at(f"chart-{chart}").scroll_into_view_if_needed()
    marks = window.at(f"chart-{chart}").locator(".barlayer .trace").first.locator(".point path")
    box = marks.nth(place).bounding_box()
    assert box is not None
    window.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(listed(window)).to_be_visible()
    label = (
        window.at(f"chart-{chart}")
        .locator(".js-plotly-plot")
        .evaluate("(chart, place) => chart._fullData.find(trace => trace.type === 'bar').customdata[place]", place)
    )
    return [str(text) for text in label]


def listed(window: Window) -> Locator:
    """The sentence over a list."""
    return window.page.locator("[role=dialog] [role=status]").first


def saved_rows(window: Window) -> list[dict[str, str]]:
    """The rows of the list, as the download has them."""
    button = window.page.get_by_role("dialog").get_by_role("button", name=EN("panel.download"))
    return [dict(row) for row in rows_of(window.saved(button))]


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text))


def test_a_bar_of_revenue_opens_the_orders_that_it_sums(window):
    viewer = window().open("overview", period=YEAR)
    label = press_mark(viewer, "overview-revenue_channel", 0)
    rows = saved_rows(viewer)
    assert sum(float(row["revenue"]) for row in rows) == pytest.approx(number(label[1]), abs=0.006)
    assert {row["channel"] for row in rows} == {label[0]}
    assert sum(row["is_order"] == "1" for row in rows) == number(label[3])
    assert f"{label[3]} orders" in listed(viewer).inner_text()
    assert f"{len(rows):,} rows" in listed(viewer).inner_text()


def test_a_bar_of_the_funnel_opens_as_many_deals_as_it_says(window):
    viewer = window().open("funnel", period=YEAR)
    label = press_mark(viewer, "funnel-funnel", 1)
    rows = saved_rows(viewer)
    assert len(rows) == number(label[1]) > 0
    assert listed(viewer).inner_text().startswith(f"{len(rows):,} ")
    assert label[0] in viewer.page.get_by_role("dialog").inner_text()


def test_a_cell_of_a_cohort_opens_as_many_customers_as_came_back(window):
    viewer = window().open("retention", grain="quarter")
    assert viewer.figures["cells"]
    table = viewer.page.locator(".stDataFrame").first
    box = table.bounding_box()
    assert box is not None
    viewer.page.mouse.click(
        box["x"] + box["width"] * 0.42, box["y"] + HEAD + ROW * 1.5
    )  # the first cohort, below the average
    expect(listed(viewer)).to_be_visible()
    rows = saved_rows(viewer)
    cells = [cell.inner_text() for cell in table.locator("tr[aria-rowindex='3'] td").all()]
    chosen = table.locator("td[aria-selected=true]").inner_text()
    assert chosen in cells[2:]
    assert len(rows) == round(number(cells[1]) * number(chosen) / 100) > 0
    assert len({row["customer_id"] for row in rows}) == len(rows)
    assert listed(viewer).inner_text().startswith(f"{len(rows):,} ")


def test_a_bar_can_be_listed_again_with_one_click_after_its_list_was_closed(window):
    viewer = window().open("overview", period=YEAR)
    close_button = viewer.dialog.get_by_role("button", name="Close")
    label = press_mark(viewer, "overview-revenue_channel", 0)
    said = listed(viewer).inner_text()
    for close in (lambda: viewer.page.keyboard.press("Escape"), close_button.click):
        viewer.runs_after(close)
        expect(viewer.page.get_by_role("dialog")).to_have_count(0)
        assert press_mark(viewer, "overview-revenue_channel", 0) == label
        assert listed(viewer).inner_text() == said


def explained(window: Window) -> str:
    """The text of the explanation that is open."""
    expect(window.page.locator("[role=dialog] dl.explain")).to_be_visible()
    expect(window.page.locator(SQL).first).to_be_visible()
    return window.page.get_by_role("dialog").inner_text()


LABELS = (
    "definition",
    "formula",
    "filters",
    "period",
    "time_zone",
    "as_of",
    "freshness",
    "unit",
    "cases",
    "data_quality",
    "sql",
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("overview", "card-revenue"),
        ("overview", "overview-revenue_trend"),
        ("retention", "retention-triangle"),
        ("funnel", "funnel-funnel"),
    ],
)
def test_a_card_and_a_panel_explain_themselves_by_mouse_and_by_keyboard(window, name, key):
    viewer = window().open(name)
    button = viewer.at(f"explain-{key}").locator("button:visible")
    button.click()
    text = explained(viewer)
    assert [label for label in LABELS if EN(f"panel.{label}") not in text] == []
    viewer.page.keyboard.press("Escape")
    expect(viewer.page.get_by_role("dialog")).to_have_count(0)
    viewer.settle()
    button.focus()
    viewer.page.keyboard.press("Enter")
    assert explained(viewer) == text


def test_the_sql_behind_a_card_gives_the_figure_on_the_card(window, company):
    viewer = window().open("overview")
    viewer.press("explain-card-orders")
    explained(viewer)
    statements = viewer.page.locator(SQL).all_inner_texts()
    shown = number(viewer.at("card-orders").locator(".value").get_attribute("title") or "")
    with duckdb.connect(str(company), read_only=True) as connection:
        rows = [row for text in statements for row in connection.execute(text).fetchall()]
    assert any(value == shown for row in rows for value in row)


def test_the_page_s_export_holds_what_the_page_shows(window):
    viewer = window().open("funnel", period=YEAR)
    text = viewer.saved(viewer.at("export").locator("button:visible"))
    rows = rows_of(text)
    drawn = viewer.page.evaluate(
        "[...document.querySelector('.js-plotly-plot')._fullData[0].customdata].map(row => row[1])"
    )
    assert [number(row["reached"]) for row in rows] == [number(value) for value in drawn]
    assert EN("panel.definition") in text
