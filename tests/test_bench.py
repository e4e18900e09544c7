"""The bench measures what it says: figures equal to SQL written by hand, pages that are small, work that is not repeated.

Gates are counts, bytes and ratios with much slack, so that a busy machine does not decide them. How long things take is
what `make bench` is for.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import plotly.io
import pytest

from bench import company, extracts, machine, pages, queries
from bench.import_csv import compare
from bench.pages import MOST_BYTES, MOST_CHARTS, PAGES
from bench.questions import QUARTER, Case, cases
from bench.server import Server, served
from bench.table import Line, misses, show
from bench.visitor import Visitor
from charts.draw import draw
from data_access.source import Source, open_source
from i18n.words import load_words
from metrics.answers import Answer, ask
from metrics.periods import Period
from tests.data_access.demo_company import made

CASES = {case.name: case for case in cases()}
SLACK = {"overview": 4, "retention": 1.1, "funnel": 1.5}  # measured at this scale: 15, 1.8 and 4


@pytest.fixture(scope="module")
def small() -> Path:
    """A demo company of about 18,000 order lines."""
    return made(0.1)[0]


@pytest.fixture(scope="module")
def source(small: Path) -> Source:
    return open_source(str(small))


@pytest.fixture(scope="module")
def server(small: Path) -> Iterator[Server]:
    with served(small) as running:
        yield running


# -- queries --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_sql_written_by_hand_gives_the_figures_of_the_metric(case: Case, source: Source) -> None:
    assert queries.disagreement(case, source) == ""
    assert len(case.shaped(case.ours(source)))


def test_other_figures_are_not_timed_but_missed(source: Source) -> None:
    wrong = CASES["revenue, total"].sql.replace("'confirmed', ", "")
    assert wrong != CASES["revenue, total"].sql
    line = queries._line(replace(CASES["revenue, total"], sql=wrong), source, 1)
    assert line.is_met is False
    assert line.note == "other figures than by hand: column value"


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("revenue", 2),
        ("orders", 2),
        ("customers", 2),
        ("average_order_value", 2),
        ("win_rate", 2),
        ("nps", 2),
        ("kpis", 7),
        ("revenue_change", 1),
    ],
)
def test_a_total_with_its_two_comparisons_and_its_target_takes_few_statements(
    name: str, most: int, source: Source
) -> None:
    assert 0 < len(fresh(name, source).sql) <= most


@pytest.mark.parametrize(
    "name", ["revenue", "orders", "customers", "average_order_value", "repeat_rate", "nps", "revenue_change"]
)
def test_groups_now_and_then_take_one_statement(name: str, source: Source) -> None:
    assert len(fresh(name, source, by="region").statements) == 1


def test_a_statement_is_put_into_words_once_for_all_dates(source: Source) -> None:
    with source.base.reading() as (engine, _):
        fresh("revenue", source)
        known = len(engine._compiled_cache)
        ask("revenue", source, replace(QUARTER, period=Period(date(2025, 3, 1), date(2025, 5, 1))), {})
        assert len(engine._compiled_cache) == known > 0


def fresh(name: str, source: Source, **options: str) -> Answer:
    """An answer that nobody has asked for before."""
    queries.forget(source)
    return ask(name, source, QUARTER, options)


# -- pages ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", PAGES)
def test_a_page_asked_for_again_is_small_and_has_few_charts(page: str, server: Server) -> None:
    with Visitor(server.port, page) as visitor:
        first = visitor.run()
        again = pages.warm_up(visitor)
    assert 0 < again.charts <= MOST_CHARTS
    assert again.size <= MOST_BYTES
    assert again.kept > 0
    assert again.size < first.size


@pytest.mark.parametrize("page", PAGES)
def test_who_keeps_messages_sees_the_same_page_as_who_keeps_none(page: str, server: Server) -> None:
    with Visitor(server.port, page) as browser, Visitor(server.port, page, remembers=False) as forgetful:
        kept, whole = pages.warm_up(browser), pages.warm_up(forgetful)
    assert whole.kept == 0 < kept.kept
    for shown in ("html", "plotly_chart"):
        assert [each.SerializeToString() for each in kept.of_type(shown)] == [
            each.SerializeToString() for each in whole.of_type(shown)
        ]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asked_for_again_costs_much_less_than_one_that_is_counted(page: str, server: Server) -> None:
    with Visitor(server.port, page) as visitor:
        visitor.run()
        counted = pages.timed(server, pages.changes(visitor), 1, 1)
        pages.warm_up(visitor)
        again = pages.timed(server, visitor.run, 3, 2)
    assert again.least * SLACK[page] < counted.least


def test_a_change_of_period_is_another_page(server: Server) -> None:
    with Visitor(server.port, "overview") as visitor:
        before = visitor.run().of_type("html")
        after = pages.visit(visitor, date(2025, 2, 3)).of_type("html")
        assert "period=2025-02-03..2025-08-22" in visitor.query
    assert [each.body for each in before] != [each.body for each in after]


def test_the_clock_of_the_server_runs_only_while_it_works(server: Server) -> None:
    with Visitor(server.port, "funnel") as visitor:
        visitor.run()
        before = server.cpu()
        visitor.run()
        assert server.cpu() > before > 0


# -- what is made of an answer --------------------------------------------------------------------------------------
def test_a_chart_is_made_once_per_answer_language_and_theme(source: Source) -> None:
    answer, made_of = ask("revenue", source, QUARTER, {"by": "region"}), []
    for look in ("en", "en", "zh-CN"):
        answer.once(look, lambda look=look: made_of.append(look) or look)  # type: ignore[misc]
    assert made_of == ["en", "zh-CN"]
    assert replace(answer, currency="USD").once("en", lambda: "anew") == "anew"


def test_a_finished_chart_is_the_chart(source: Source) -> None:
    chart = draw(ask("revenue", source, QUARTER, {"by": "region"}), load_words("en"), "light")
    finished = chart.finished()
    sent = plotly.io.to_json(chart.figure.to_dict(), validate=False)
    assert plotly.io.to_json(finished.figure.to_dict(), validate=False) == sent
    taken = finished.figure.to_dict()
    taken["data"][0].pop("type")
    taken.pop("layout")
    assert plotly.io.to_json(finished.figure.to_dict(), validate=False) == sent
    assert (finished.alt, finished.height, finished.keys) == (chart.alt, chart.height, chart.keys)


# -- the rest -------------------------------------------------------------------------------------------------------
def test_an_import_and_duckdb_read_the_same_rows() -> None:
    timings = compare(2_000, 1, say=lambda _: None)
    for name, rows in (("orders", 2_000), ("order_items and orders", 2_500)):
        theirs, mine = timings[name]
        assert theirs.rows == mine.rows == rows
        assert min(theirs.wall, mine.wall, theirs.cpu, mine.cpu) > 0


def test_an_extract_and_the_way_by_rows_take_the_same_lines(small: Path, tmp_path: Path) -> None:
    own = shutil.copyfile(small, tmp_path / "company.duckdb")  # another one may be open with other settings
    with extracts._sqlite(own, tmp_path) as place:
        ours, theirs = extracts.by_extract(place, tmp_path), extracts.by_rows(place, tmp_path)
    with duckdb.connect(str(own), read_only=True) as company:
        assert company.execute("SELECT count(*) FROM order_items").fetchone() == (ours.rows,)
    assert ours.rows == theirs.rows
    assert ours.peak > 0


def test_a_company_is_made_once(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "company.duckdb"
    for _ in range(2):
        company.make(path, 2_000, said.append)
    assert len(said) == 1
    path.with_suffix(".recipe").write_text("another generator", "utf-8")
    company.make(path, 2_000, said.append)
    assert len(said) == 2
    assert "company of 2,000 order lines" in machine.description(path, 2_000)


def test_the_table_marks_what_misses_its_goal(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [Line("good", {"ms": "1"}, True), Line("bad", {"ms": "2"}, False, "why"), Line("free", {"ms": "3"})]
    assert misses(show("Title", lines)) == ["bad"]
    printed = capsys.readouterr().out.splitlines()
    assert [row.split() for row in printed[2:]] == [
        ["", "ms", "goal"][1:],
        ["good", "1", "ok"],
        ["bad", "2", "MISSED", "why"],
        ["free", "3", "-"],
    ]
