"""metrics/answers.py: one way to ask, and what is kept of an answer. (By viewer: tests/data_access/test_source.py.)"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from data_access import database as databases
from data_access.access import Policy
from data_access.errors import QuestionError
from data_access.source import open_source
from metrics.answers import ask, forget, is_known
from metrics.kpis import NAMES
from metrics.metric import all_metrics, metric_named
from metrics.question import DIMENSIONS
from tests.company import company
from tests.metrics.sold import YEAR
from tests.worlds import FILES, World, ask_source, filters
from tests.worlds import forget as close

JANUARY = filters("2026-01")


@pytest.fixture
def source(load):
    """A company with one order."""
    return load(World(orders=[{"net": 80}]))


# -- kept answers ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_same_question_is_answered_from_memory_until_it_is_forgotten(source):
    assert not is_known("revenue", source, JANUARY)
    first = ask("revenue", source, JANUARY)
    assert is_known("revenue", source, JANUARY)
    assert is_known("revenue", source, JANUARY, {"shape": "total"})
    assert ask("revenue", source, JANUARY, {"by": ""}) is first
    forget()
    assert not is_known("revenue", source, JANUARY)
    assert ask("revenue", source, JANUARY) is not first


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("other", "options"),
    [
        (filters("2026-02"), {}),
        (filters("2026-01", comparison="year"), {}),
        (filters("2026-01", grain="week"), {}),
        (filters("2026-01", complete_only=True), {}),
        (filters("2026-01", where={"region": "North"}), {}),
        (JANUARY, {"by": "region"}),
        (JANUARY, {"shape": "trend"}),
    ],
)
def test_any_other_choice_is_another_answer(source, other, options):
    kept = ask("revenue", source, JANUARY)
    assert not is_known("revenue", source, other, options)
    assert not is_known("orders", source, JANUARY)
    assert ask("revenue", source, other, options).key != kept.key


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_another_viewer_or_an_earlier_moment_was_told_is_not_told_again(place):
    url = place.write(World(orders=[{"net": 80}]))
    ask("revenue", open_source(url), JANUARY)
    assert is_known("revenue", open_source(url), JANUARY)
    assert not is_known("revenue", open_source(url, Policy("nora", regions=("North",))), JANUARY)
    assert not is_known("revenue", open_source(url, as_of=open_source(url).as_of - timedelta(1)), JANUARY)
    close(url)


@pytest.mark.parametrize("engine", FILES, indirect=True)
def test_data_that_changed_are_asked_anew(place, monkeypatch):
    """The file is replaced by a newer one, as a load does it."""
    monkeypatch.setattr(databases, "LOOK_EVERY", 0.0)
    old, new = place.write(World(orders=[{"net": 80}])), place.write(World(orders=[{"net": 80}, {"net": 5}]))
    source = open_source(old)
    first = ask("revenue", source, JANUARY)
    os.replace(new.split(":///")[1], old.split(":///")[1])
    assert not is_known("revenue", open_source(old), JANUARY)
    again = ask("revenue", source, JANUARY)
    assert (first.result.value, again.result.value) == (80, 85)
    assert first.key != again.key
    close(old)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_made_of_an_answer_is_made_once(source):
    answer = ask("revenue", source, JANUARY)
    made = []
    for what in ("a", "b", "a", "a"):
        assert answer.once(what, lambda what=what: made.append(what) or what) == what
    assert made == ["a", "b"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_question_that_cannot_be_asked_is_not_kept(source):
    for name, options in (("revenu", {}), ("revenue", {"by": "colour"}), ("revenue", {"colour": "red"})):
        with pytest.raises(QuestionError):
            ask(name, source, JANUARY, options)
        with pytest.raises(QuestionError):
            is_known(name, source, JANUARY, options)


# -- what an answer says of itself ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def companies(shelf):
    """The larger company for everybody."""
    return open_source(shelf("duckdb", "company", company))


def ignored(metric):
    """The filters that a metric does not know; of the key figures together those that one of them does not know."""
    if metric.name == "kpis":
        return {dimension for name in NAMES for dimension in ignored(metric_named(name))}
    return set(DIMENSIONS) - set(metric.filters)


@pytest.mark.parametrize("name", all_metrics())
def test_every_filter_that_means_nothing_here_is_said_and_no_other(companies, name):
    values = {"region": "North", "country": "DE", "channel": "web", "segment": "Large", "owner": "olga", "team": "red",
              "category": "Bikes"}  # fmt: skip
    answer = ask_source(companies, name, YEAR, where=values)
    said = [dict(note.gaps)["dimension"] for note in answer.notes if note.key == "filter_not_applicable"]
    assert sorted(said) == sorted(ignored(metric_named(name)))


@pytest.mark.parametrize("name", all_metrics())
def test_a_table_that_is_missing_is_named_and_there_is_no_result(load_on, name):
    metric = metric_named(name)
    for table in metric.needs:
        answer = ask_source(load_on("sqlite", World(without=[table])), name, "2026-01")
        assert answer.result is None
        assert answer.missing.table == table
        assert f"`{table}`" in str(answer.missing)
    assert metric.needs or metric.is_composite


def test_an_answer_carries_what_its_figures_depend_on(load):
    world = World({"timezone": "Asia/Shanghai", "base_currency": "CNY"}, orders=[{"net": 80}])
    answer = ask_source(load(world), "revenue", "2026-01")
    assert (answer.currency, answer.timezone) == ("CNY", "Asia/Shanghai")
    assert answer.as_of == load(world).as_of
    assert answer.missing is None
    assert len(answer.sql) == len({statement.sql for statement in answer.statements}) > 0


def test_the_sql_of_an_answer_is_its_own_and_not_that_of_the_question_before(load):
    source = load(World(orders=[{"net": 80}]))
    ask("orders", source, JANUARY)
    sql = ask("revenue", source, JANUARY).sql
    assert ask("revenue", load(World(orders=[{"net": 80}])), JANUARY).sql == sql
