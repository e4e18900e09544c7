"""The database is missing, broken or replaced while the app serves: the page says so and goes on by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from i18n.words import load_words
from tests.browser.server import Server, started
from tests.browser.window import Window
from tests.data_access.demo_company import made

pytestmark = pytest.mark.browser
EN, ZH = load_words("en"), load_words("zh-CN")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, told to read a file that is not there."""
    folder = tmp_path_factory.mktemp("bare")
    with started(folder / "company.duckdb", folder / "log.txt") as running:
        yield running


@pytest.fixture
def nothing(bare: Server) -> Path:
    """The place of the file, with nothing there."""
    bare.source.unlink(missing_ok=True)
    return bare.source


def only_sentence(window: Window) -> str:
    """The one sentence of a page that cannot read its data."""
    expect(window.page.locator(".empty")).to_have_count(1)
    assert window.page.locator(".kpi, .stPlotlyChart, [data-testid=stException]").count() == 0
    return window.boxes[0]


def put(company: Path, place: Path) -> None:
    """Put a file into its place at once, as an import does."""
    beside = place.with_suffix(".new")
    shutil.copyfile(company, beside)
    beside.replace(place)


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh-CN"])
def test_a_missing_file_is_one_sentence_and_the_page_comes_when_the_file_does(window, bare, nothing, company, words):
    viewer = window(url=bare.url).open("funnel", words.language)
    said = only_sentence(viewer)
    assert str(nothing) in said
    assert said == words("error.source_missing", path=str(nothing))
    assert viewer.heading == words("page.funnel.title")
    put(company, nothing)
    expect(viewer.page.locator(".stPlotlyChart").first).to_be_visible()
    assert viewer.boxes == []


def test_a_file_that_is_no_database_is_one_sentence_and_the_page_comes_when_it_is_mended(
    window, bare, nothing, company
):
    nothing.write_text("These are not the rows you are looking for.\n" * 100)
    viewer = window(url=bare.url).open("overview")
    assert str(nothing) in only_sentence(viewer)
    put(company, nothing)
    viewer.page.get_by_role("button", name=EN("error.retry")).click()
    expect(viewer.page.locator(".kpi .value")).to_have_count(9)


def test_a_file_replaced_while_the_app_serves_changes_the_figures_without_a_restart(window, bare, nothing, company):
    put(company, nothing)
    viewer = window(url=bare.url).open("overview")
    before = viewer.figures["cards"]
    assert len(before) == 9
    other, _ = made(0.05, seed=7)
    put(other, nothing)
    after = window(url=bare.url).open("overview").figures["cards"]
    assert after != before
    viewer.choose("compare-bar", EN("filter.comparison.choice.previous"))
    assert viewer.figures["cards"] == after, "a viewer who was there already sees the new figures too"
