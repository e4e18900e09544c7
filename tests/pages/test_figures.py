"""One figure, one value: on the page, from the command line, in the exported file, by running the SQL that is shown."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date
from typing import Any

import duckdb
import pytest

from i18n.words import LANGUAGES, load_words
from metrics.answers import ask
from metrics.columns import unit_of, without_noise
from metrics.command import main
from metrics.kpis import NAMES
from metrics.metric import Unit, metric_named
from metrics.periods import Comparison, Period
from tests.pages.walk import open_page
from tests.ui.companies import demo_view
from ui.explain import answer_csv
from ui.words_of import shown

QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))  # the last that the demo company has finished
PAGES_OF = {"retention": "retention-triangle", "funnel": "funnel-funnel"}


@pytest.fixture(scope="module")
def by_hand(small_demo, tmp_path_factory):
    """A connection of one's own to a copy of the same data, as a reader of the page would make it."""
    copy = tmp_path_factory.mktemp("by-hand") / "copy.duckdb"
    shutil.copyfile(small_demo, copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def from_command(capsys, source: str, name: str, *more: str) -> dict[str, Any]:
    """The answer of `python -m metrics run`."""
    arguments = ["--source", source, "--from", str(QUARTER.start), "--to", str(QUARTER.end), "--format", "json"]
    assert main(["run", name, *arguments, *more]) == 0
    return json.loads(capsys.readouterr().out)


# -- the page, the command line and the file ------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_card_shows_what_the_command_line_says(opened, small_demo, capsys, name, language):
    words, page = load_words(language), opened("overview", language, "demo")
    row = from_command(capsys, small_demo, name, "--compare", "year")["rows"][0]
    full = shown(row["value"], metric_named(name).unit, words, "EUR", compact=False)
    assert page.figures[words(f"metric.{name}.short")] == full


@pytest.mark.parametrize("name", NAMES)
def test_a_card_narrowed_by_filters_shows_what_the_command_line_says(small_demo, capsys, name):
    words = load_words("en")
    page = open_page("overview", "en", small_demo, region=["North", "South"], segment=["Private"])
    where = ["--where", "region=North", "--where", "region=South", "--where", "segment=Private"]
    row = from_command(capsys, small_demo, name, *where)["rows"][0]
    full = shown(row["value"], metric_named(name).unit, words, "EUR", compact=False)
    assert page.figures[words(f"metric.{name}.short")] == full


@pytest.mark.parametrize("name", [*NAMES, "retention", "funnel", "revenue_change"])
def test_an_exported_file_has_the_rows_of_the_command_line(small_demo, capsys, name):
    view = demo_view(small_demo, "overview", "en", compare="year")
    answer = ask(name, view.source, view.filters)
    text = answer_csv(view, answer).decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row and not row[0].startswith("# ")]
    compare = () if name == "retention" else ("--compare", "year")  # cohorts are compared with nothing
    said = from_command(capsys, small_demo, name, *compare)
    assert rows[0] == [column["name"] for column in said["columns"]]
    amounts = [unit_of(answer.metric, name) is Unit.MONEY for name in rows[0]]
    full = [[without_noise(v, money) for v, money in zip(row.values(), amounts, strict=True)] for row in said["rows"]]
    assert [as_said(row) for row in rows[1:]] == [as_said(row) for row in full]


def as_said(values: Any) -> list[Any]:
    """Values without the way they are written: no value is empty, numbers are numbers."""
    return [_value(value) for value in values]


def _value(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value)
    try:
        return round(float(value), 9)
    except ValueError:
        return str(value)


def test_the_page_s_own_file_holds_the_figures_of_its_cards(small_demo, opened):
    view = demo_view(small_demo, "overview", "en")
    rows = answer_csv(view, view.ask("kpis").answer()).decode("utf-8-sig").splitlines()
    names = [row.split(",")[0] for row in rows if row.split(",")[0] in NAMES]
    assert names == list(NAMES)
    assert len(opened("overview", "en", "demo").figures) == len(NAMES)


# -- what is behind a figure ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_the_sql_that_is_shown_gives_the_figure_that_is_shown(small_demo, by_hand, name):
    """What is run here is what the reader copies: the laid-out text of the dialog."""
    page = open_page("overview", "en", small_demo).click(f"explain-card-{name}")
    statements = [node.proto.code_text for node in page.of("code") if node.proto.language == "sql"]
    assert statements
    value = ask(name, demo_view(small_demo, "overview", "en").source, demo_view(small_demo, "overview", "en").filters)
    assert value.result is not None
    rows = [row for statement in statements for row in by_hand.execute(statement).df().to_dict("records")]
    prefixes = ("", f"{name}_")  # a figure that was counted beside others stands under its own name
    figures = [(row.get(f"{of}value"), row.get(f"{of}n")) for row in rows for of in prefixes]
    assert any(n == value.result.n and v == pytest.approx(value.result.value) for v, n in figures)


@pytest.mark.parametrize(("name", "key"), PAGES_OF.items())
def test_the_sql_of_a_chart_can_be_run_by_hand(small_demo, by_hand, name, key):
    page = open_page(name, "en", small_demo).click(f"explain-{key}")
    statements = [node.proto.code_text for node in page.of("code") if node.proto.language == "sql"]
    assert statements
    for statement in statements:
        by_hand.execute(statement).df()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "key"),
    [*(("overview", f"card-{name}") for name in NAMES), *((page, key) for page, key in PAGES_OF.items())],
)
def test_one_click_explains_a_figure(small_demo, name, key, language):
    words = load_words(language)
    page = open_page(name, language, small_demo).click(f"explain-{key}")
    assert page.faults.texts == []
    (body,) = [body for body in page.html if '<dl class="explain">' in body]
    labels = re.findall(r"<dt>(.*?)</dt>", body)
    for label in (
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
    ):
        assert words(f"panel.{label}") in labels
    assert "Europe/Berlin" in body
    assert len(page.of("dialog")) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_list_behind_a_figure_has_as_many_rows_as_it_says(small_demo, name):
    page = open_page("overview", "en", small_demo).click(f"explain-card-{name}")
    (said,) = [body for body in page.html if 'role="status"' in body]
    numbers = [int(number.replace(",", "")) for number in re.findall(r"(\d[\d,]*) [a-z]+", said)]
    answer = demo_view(small_demo, "overview", "en").ask(name).answer()
    assert answer.result is not None
    assert numbers[0] == answer.result.n, "it begins with the n of the figure"
    rows = next(int(found.replace(",", "")) for found in re.findall(r"([\d,]+) rows?", said))
    assert len(page.of("dataframe")[-1].value) == min(rows, 1000)


def test_every_comparison_of_the_page_is_the_one_that_was_chosen(small_demo):
    for kind in Comparison:
        view = demo_view(small_demo, "overview", "en", compare=kind.value)
        answer = view.ask("revenue_change", by="region").answer()
        assert answer.result is not None
        assert answer.result.comparison is kind  # type: ignore[attr-defined]
