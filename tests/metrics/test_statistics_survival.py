"""Kaplan-Meier and log-rank against the remission times of Freireich and others 1963, Blood 21:699-716."""

import math

import numpy as np
import pytest

from metrics.statistics import ImpossibleInputError, kaplan_meier, log_rank

MERCAPTOPURINE = (
    [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
)
PLACEBO = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [1] * 21)


@pytest.fixture(scope="module")
def treated():
    return kaplan_meier(*MERCAPTOPURINE)


def test_curve_is_that_of_klein_and_moeschberger_table_4_1a(treated):
    weeks = [6, 7, 10, 13, 16, 22, 23]
    assert treated.curve(weeks).round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    rows = np.isin(treated.time, weeks)
    assert treated.at_risk[rows].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert treated.events[rows].tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert treated.n == 21
    assert treated.censored.sum() == 12
    assert treated.share_open == pytest.approx(12 / 21)


def test_standard_errors_are_those_of_klein_and_moeschberger_table_4_1a(treated):
    """The log-log limits give Greenwood's standard error back."""
    rows = treated.events > 0
    spread = np.log(np.log(treated.low[rows]) / np.log(treated.high[rows])) / 2 / 1.959964
    errors = spread * treated.survival[rows] * np.abs(np.log(treated.survival[rows]))
    assert errors.round(3).tolist() == [0.076, 0.087, 0.096, 0.107, 0.114, 0.128, 0.135]


def test_log_log_limits_agree_with_lifelines(treated):
    rows = treated.events > 0
    assert treated.low[rows].round(4).tolist() == [0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881]
    assert treated.high[rows].round(4).tolist() == [0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801]


def test_medians_and_their_limits(treated):
    """Medians 23 and 8 weeks as published; limits from the log-log band, as lifelines gives them."""
    assert (treated.median, treated.median_low) == (23.0, 13.0)
    assert math.isnan(treated.median_high)
    untreated = kaplan_meier(*PLACEBO)
    assert (untreated.median, untreated.median_low, untreated.median_high) == (8.0, 4.0, 11.0)


def test_log_rank_of_the_two_groups_is_16_79():
    result = log_rank([MERCAPTOPURINE, PLACEBO])
    assert result.chi2 == pytest.approx(16.79, abs=5e-3)
    assert result.dof == 1
    assert result.p_value == pytest.approx(4.17e-05, rel=1e-3)  # R: survdiff prints 4.17e-05


def test_mean_without_open_cases_is_the_plain_mean_and_else_the_area_under_the_curve(treated):
    assert kaplan_meier(*PLACEBO).mean_restricted() == pytest.approx(182 / 21)
    assert treated.mean_restricted() == pytest.approx(23.28739496)  # oracle: lifelines
    assert treated.mean_restricted(6.0) == pytest.approx(6.0)


def test_nothing_is_said_beyond_the_last_duration(treated):
    assert treated.at(0) == 1.0
    assert treated.at(5.9) == 1.0
    assert treated.at(35) == pytest.approx(0.448, abs=5e-4)
    assert math.isnan(treated.at(36))
    assert math.isnan(treated.mean_restricted(36))
    assert kaplan_meier(*PLACEBO).at(100) == 0.0


def test_before_the_first_event_and_after_the_last_there_is_no_interval():
    curve = kaplan_meier([1, 2, 3, 4], [0, 1, 1, 1])
    assert np.isnan(curve.low).tolist() == [True, False, False, True]
    assert np.isnan(curve.high).tolist() == [True, False, False, True]


def test_an_even_number_of_closed_cases_has_its_median_midway():
    assert kaplan_meier([1, 2, 4, 9], [1, 1, 1, 1]).median == 3.0
    assert kaplan_meier([1, 2, 4, 9], [1, 1, 0, 0]).median == 2.0


def test_a_stage_left_at_once_counts_with_a_duration_of_zero():
    curve = kaplan_meier([0, 0, 5, 9], [1, 1, 1, 0], entries=[0, 0, 0, 0])
    assert curve.time.tolist() == [0, 5, 9]
    assert curve.at(0) == 0.5
    assert curve.n == 4


def test_customers_older_than_the_records_join_when_watching_begins():
    """Counted by eye; limits from lifelines with entry=."""
    curve = kaplan_meier([3, 8, 5, 9, 7, 6, 10, 12], [1, 0, 1, 1, 1, 1, 0, 1], entries=[0, 0, 2, 3, 5, 0, 4, 6])
    assert curve.at_risk.tolist() == [4, 5, 5, 5, 4, 3, 2, 1]
    assert curve.survival == pytest.approx([0.75, 0.6, 0.48, 0.384, 0.384, 0.256, 0.256, 0.0])
    assert curve.low[:3] == pytest.approx([0.127947, 0.125730, 0.099986], abs=1e-6)
    assert curve.high[:3] == pytest.approx([0.960549, 0.881756, 0.791405], abs=1e-6)


def test_a_case_that_ended_before_watching_began_was_never_seen():
    assert kaplan_meier([3, 5, 8], [1, 1, 1], entries=[0, 5, 6]).n == 2


def test_groups_are_compared_with_the_customers_at_risk_only():
    late = ([8, 9, 10, 12], [1, 1, 1, 1], [7, 7, 7, 7])
    early = ([2, 3, 8, 9, 11], [1, 1, 1, 1, 1])
    result = log_rank([early, late])
    # From week 8 on: 3 early and 4 late at risk; expected early events 3/7*2 + 2/5*2 + 1/3 + 1/2 + 0 = 2.490476...
    at_risk = np.array([[3, 4], [2, 3], [1, 2], [1, 1], [0, 1]])
    events = np.array([[1, 1], [1, 1], [0, 1], [1, 0], [0, 1]])
    n, d = at_risk.sum(1), events.sum(1)
    share = at_risk[:, 0] / n
    variance = (share * (1 - share) * d * (n - d) / np.maximum(n - 1, 1)).sum()
    assert result.chi2 == pytest.approx((events[:, 0].sum() - (share * d).sum()) ** 2 / variance)


def test_three_groups_have_two_degrees_of_freedom_and_an_empty_one_does_not_count():
    empty: tuple[list[float], list[bool]] = ([], [])
    assert log_rank([MERCAPTOPURINE, PLACEBO, PLACEBO]).dof == 2
    assert log_rank([MERCAPTOPURINE, PLACEBO, empty]) == log_rank([MERCAPTOPURINE, PLACEBO])
    assert math.isnan(log_rank([PLACEBO]).p_value)
    assert math.isnan(log_rank([]).chi2)


def test_nobody_has_an_empty_curve():
    curve = kaplan_meier([], [])
    assert curve.n == 0
    assert all(math.isnan(x) for x in (curve.median, curve.share_open, curve.at(1), curve.mean_restricted()))


def test_durations_that_cannot_be_are_refused_with_their_number():
    with pytest.raises(ImpossibleInputError, match="2 cases"):
        kaplan_meier([3, -1, math.nan], [1, 1, 0])
    with pytest.raises(ImpossibleInputError):
        kaplan_meier([3, 4], [1])
