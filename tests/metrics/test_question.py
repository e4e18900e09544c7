"""metrics/question.py: a question that has been checked, and what is said of one that cannot be asked."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from data_access.calendar import Grain
from data_access.errors import QuestionError
from metrics.answers import ask
from metrics.metric import all_metrics, metric_named
from metrics.periods import Comparison
from metrics.question import DIMENSIONS, Filters, question_for
from tests.worlds import filters, period


def test_options_that_are_not_chosen_have_their_defaults():
    question = question_for(metric_named("revenue"), filters("2026"), {"by": "region"})
    assert question.options == (("by", "region"), ("shape", "total"))
    assert question.option("shape") == "total"


def test_options_in_another_order_are_the_same_question():
    metric = metric_named("retention")
    one = question_for(metric, filters("2026"), {"max_age": "3", "cohort": "recurring"})
    other = question_for(metric, filters("2026"), {"cohort": "recurring", "max_age": "3"})
    assert one == other
    assert hash(one) == hash(other)


def test_a_default_that_is_written_out_is_the_same_question():
    metric = metric_named("revenue")
    assert question_for(metric, filters("2026"), {"shape": "total"}) == question_for(metric, filters("2026"), {})


@pytest.mark.parametrize("name", all_metrics())
def test_every_default_is_permitted_and_every_other_option_is_refused_by_name(name):
    metric = metric_named(name)
    question_for(metric, filters("2026"), {})
    for option, choice in metric.options.items():
        assert choice.meaning
        assert not choice.values or choice.default in choice.values
        for value in choice.values:
            assert question_for(metric, filters("2026"), {option: value}).option(option) == value
    known = ", ".join(metric.options) or "none"
    with pytest.raises(QuestionError, match=f"{name} has no option 'colour'; its options are: {known}"):
        question_for(metric, filters("2026"), {"colour": "red"})


def test_a_value_that_is_not_permitted_is_named_with_those_that_are():
    with pytest.raises(QuestionError, match=r"option by cannot be 'Region'; choose one of \(empty\), region, country"):
        question_for(metric_named("revenue"), filters("2026"), {"by": "Region"})


def test_a_metric_that_there_is_not_is_named_with_those_there_are():
    with pytest.raises(
        QuestionError, match=r"'Revenue'; did you mean 'revenue'\? There are: average_order_value, .*, win_rate"
    ):
        ask("Revenue", None, filters("2026"))


def test_filters_are_a_value_that_cannot_be_changed():
    one = Filters(period("2026"), Comparison.YEAR, Grain.WEEK)
    assert one == filters("2026", comparison="year", grain="week")
    assert hash(one) == hash(filters("2026", comparison="year", grain="week"))
    with pytest.raises(FrozenInstanceError):
        one.grain = Grain.DAY


@pytest.mark.parametrize(
    "change", [{"comparison": "year"}, {"grain": "week"}, {"complete_only": True}, {"where": {"region": "A"}}]
)
def test_every_choice_makes_another_question(change):
    assert filters("2026", **change) != filters("2026")


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_can_be_chosen_and_given_up(dimension):
    chosen = filters("2026").choose(dimension, "b", "a", "b")
    assert chosen.chosen(dimension) == ("a", "b")
    assert chosen.choose(dimension, "c").chosen(dimension) == ("c",)
    assert chosen.choose(dimension) == filters("2026")
