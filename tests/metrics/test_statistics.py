"""Statistics against the figures printed in the sources they cite.

Where a test says "oracle", the figure was computed once with lifelines 0.30.0, statsmodels 0.15.0 or scipy 1.17.1.
"""

import ast
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from metrics import statistics
from metrics.statistics import (
    ImpossibleInputError,
    RatioSums,
    Verdict,
    benjamini_hochberg,
    compare_counts,
    compare_nps,
    compare_proportions,
    compare_ratios,
    compare_sums,
    nps_interval,
    poisson_interval,
    quantile_type7,
    ratio_interval,
    sample_ratio_mismatch,
    sample_size_two_proportions,
    shapley_product,
    sum_interval,
    wilson,
)

FOLDER = Path(statistics.__file__).parent
ROOT = FOLDER.parents[1]


def sums(amounts: Sequence[float], orders: Sequence[float] | None = None) -> RatioSums:
    """The six sums of made-up customers."""
    y = np.asarray(amounts, dtype=float)
    x = np.ones(y.size) if orders is None else np.asarray(orders, dtype=float)
    return RatioSums(y.size, y.sum(), x.sum(), (y * y).sum(), (x * y).sum(), (x * x).sum())


# One share


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_limits_of_newcombe_1998a_table_1_method_3(successes, n, low, high):
    assert [round(float(limit), 4) for limit in wilson(successes, n)] == [low, high]


def test_wilson_takes_columns_and_leaves_a_share_of_nothing_empty():
    low, high = wilson(np.array([81, 0, 20]), np.array([263, 0, 20]))
    assert np.allclose(low[[0, 2]], [0.2553, 0.8389], atol=5e-5)
    assert np.isnan([low[1], high[1]]).all()
    assert high[2] == 1.0


def test_more_successes_than_cases_are_refused_in_one_sentence():
    with pytest.raises(ImpossibleInputError, match="more successes than cases"):
        wilson([1, 5], [2, 4])


# Two shares


@pytest.mark.parametrize(
    ("after", "n_after", "before", "n_before", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0000),
        (10, 10, 0, 10, 0.6075, 1.0000),
    ],
)
def test_difference_of_shares_gives_the_limits_of_newcombe_1998b_table_2_method_10(
    after, n_after, before, n_before, low, high
):
    change = compare_proportions(after, n_after, before, n_before)
    assert (round(change.low, 4), round(change.high, 4)) == (low, high)


def test_p_value_of_two_shares_is_the_uncorrected_chi_square():
    change = compare_proportions(56, 70, 48, 80)
    assert change.p_value == pytest.approx(0.00804508, abs=1e-8)  # oracle: scipy chi2_contingency(correction=False)
    assert change.difference == pytest.approx(0.2)
    assert change.ratio == pytest.approx(1 / 3)
    assert change.verdict is Verdict.UP


@pytest.mark.parametrize(
    ("after", "n_after", "before", "n_before", "p_value"),
    [
        (3, 4, 1, 4, 0.4857),  # Fisher 1935, The Design of Experiments: the lady tasting tea, 34/70
        (6, 7, 2, 7, 0.102564),  # oracle: scipy fisher_exact
        (5, 56, 0, 29, 0.160621),
    ],
)
def test_small_tables_are_judged_by_fishers_exact_test(after, n_after, before, n_before, p_value):
    assert compare_proportions(after, n_after, before, n_before).p_value == pytest.approx(p_value, rel=1e-4)


# Verdicts


def test_under_30_cases_on_either_side_there_is_no_verdict():
    assert compare_proportions(28, 29, 1, 400).verdict is Verdict.TOO_FEW
    assert compare_proportions(1, 400, 28, 29).verdict is Verdict.TOO_FEW
    assert compare_proportions(29, 30, 1, 30).verdict is Verdict.UP


def test_nothing_before_is_no_baseline_and_has_no_ratio():
    change = compare_proportions(20, 40, 0, 0)
    assert change.verdict is Verdict.NO_BASELINE
    assert math.isnan(change.ratio)
    assert math.isnan(change.low)
    assert compare_sums(500.0, 9e4, 40, 0.0, 0.0, 0).verdict is Verdict.NO_BASELINE
    assert compare_counts(50, 0).verdict is Verdict.NO_BASELINE
    assert compare_counts(50, math.nan).verdict is Verdict.NO_BASELINE
    assert compare_nps(30, 5, 50, 0, 0, 0).verdict is Verdict.NO_BASELINE
    assert compare_ratios(sums(range(40)), RatioSums(0, 0, 0, 0, 0, 0)).verdict is Verdict.NO_BASELINE


def test_nothing_now_is_too_few():
    assert compare_proportions(0, 0, 20, 40).verdict is Verdict.TOO_FEW
    assert compare_nps(0, 0, 0, 30, 5, 50).verdict is Verdict.TOO_FEW


def test_an_unknown_number_of_cases_is_too_few():
    assert compare_sums(500.0, 9e2, math.nan, 100.0, 1e2, 40).verdict is Verdict.TOO_FEW
    assert compare_sums(500.0, 9e2, 40, 100.0, 1e2, 40).verdict is Verdict.UP


def test_a_baseline_of_zero_has_a_difference_but_no_ratio():
    change = compare_proportions(30, 60, 0, 60)
    assert change.difference == 0.5
    assert math.isnan(change.ratio)
    assert change.verdict is Verdict.UP


def test_a_fall_from_a_negative_baseline_has_a_negative_ratio():
    assert compare_nps(10, 40, 60, 15, 30, 60).ratio == pytest.approx(-1.0)


# Totals and counts


@pytest.mark.parametrize(
    ("count", "level", "low", "high"),
    [
        (25, 0.95, 16.18, 36.90),  # GraphPad, "How QuickCalcs computes the confidence interval of a count"
        (25, 0.90, 17.38, 34.92),
        (25, 0.99, 14.00, 41.00),
        (0, 0.95, 0.0, 3.689),  # epitools, pois.exact
        (10, 0.95, 4.795, 18.39),  # Pearson and Hartley, Biometrika Tables I, table 40
    ],
)
def test_garwoods_interval_of_a_count(count, level, low, high):
    interval = poisson_interval(count, level)
    assert interval.low == pytest.approx(low, abs=6e-3)
    assert interval.high == pytest.approx(high, abs=6e-3)


def test_two_counts_with_different_exposure_are_tested_as_in_r_rateratio_test():
    change = compare_counts(2, 9, 17877, 16660)
    assert change.p_value == pytest.approx(0.0501064956141, abs=1e-12)  # the example of R's rateratio.test
    assert change.after == pytest.approx(0.000111875594339)
    assert change.before == pytest.approx(0.000540216086435)


def test_interval_of_a_difference_of_counts_joins_the_exact_limits_of_both():
    change = compare_counts(60, 30)
    lower, upper = poisson_interval(60), poisson_interval(30)
    assert change.low == pytest.approx(30 - math.sqrt((60 - lower.low) ** 2 + (upper.high - 30) ** 2))
    assert change.high == pytest.approx(30 + math.sqrt((lower.high - 60) ** 2 + (30 - upper.low) ** 2))
    assert change.p_value == pytest.approx(0.00206027, rel=1e-5)  # oracle: scipy binomtest(60, 90)


def test_few_complaints_about_many_orders_are_a_finding_when_the_orders_are_given():
    assert compare_counts(4, 40).verdict is Verdict.TOO_FEW
    assert compare_counts(4, 40, n_after=5000, n_before=5000).verdict is Verdict.DOWN


def test_variance_of_a_total_is_the_sum_of_the_squares():
    interval = sum_interval(1000.0, 10_000.0)
    assert interval.low == pytest.approx(1000.0 - 195.996, abs=1e-3)
    assert interval.high == pytest.approx(1000.0 + 195.996, abs=1e-3)


def test_one_large_customer_does_not_make_a_change():
    usual = compare_sums(110_000.0, 1_210_000.0 * 1e2, 100, 100_000.0, 1e8, 100)
    one_giant = compare_sums(100_000.0 + 60_000.0, 1e8 + 60_000.0**2, 101, 100_000.0, 1e8, 100)
    assert usual.verdict is Verdict.NOISE
    assert one_giant.verdict is Verdict.NOISE
    assert one_giant.p_value == pytest.approx(0.3304, abs=1e-4)


def test_impossible_totals_and_counts_are_refused():
    with pytest.raises(ImpossibleInputError):
        sum_interval(1.0, -1.0)
    with pytest.raises(ImpossibleInputError):
        poisson_interval(-1)


# Ratios of sums

FAMILIES = RatioSums(n=33, y=907.2, x=123, yy=28_224, xy=3_595.5, xx=533)


def test_standard_error_of_a_ratio_as_in_cochran_1977_section_2_11():
    """Weekly food cost per person of 33 families: 907.2 / 123 = 7.38 dollars, standard error 0.534."""
    assert FAMILIES.value == pytest.approx(7.38, abs=5e-3)
    interval = ratio_interval(FAMILIES)
    t_of_32 = 2.0369  # any table of Student's t
    assert (interval.high - interval.low) / 2 / t_of_32 == pytest.approx(0.534, abs=5e-4)


def test_with_one_order_each_the_comparison_is_welchs_test():
    after = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    before = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 31.3]
    change = compare_ratios(sums(after), sums(before))
    assert change.p_value == pytest.approx(0.00646041, abs=1e-8)  # oracle: scipy ttest_ind(equal_var=False)
    assert (change.low, change.high) == pytest.approx((-5.58333463, -1.00333203), abs=1e-8)


def test_a_ratio_without_any_spread_is_certain_and_one_customer_has_no_interval():
    assert ratio_interval(sums([20.0, 40.0, 60.0], [1, 2, 3])) == (20.0, 20.0)
    assert np.isnan(ratio_interval(sums([20.0], [1]))).all()
    assert np.isnan(ratio_interval(RatioSums(40, 0, 0, 0, 0, 0))).all()
    same_price = compare_ratios(sums([20.0] * 40), sums([20.0] * 50))
    assert (same_price.p_value, same_price.verdict) == (1.0, Verdict.NOISE)
    assert compare_ratios(sums([22.0] * 40), sums([20.0] * 50)).verdict is Verdict.UP


# Net promoter score


def test_nps_interval_of_one_third_each_is_160_over_root_n():
    """A. Engelhardt 2016: for p = d = 1/3 the 95 % interval is 320 / sqrt(n) wide."""
    interval = nps_interval(100, 100, 300)
    assert interval.high - interval.low == pytest.approx(320 / math.sqrt(300), rel=1e-3)


def test_nps_standard_error_of_a_half_a_third_and_a_sixth():
    """Var = 5/9 for half promoters and a sixth detractors; 324 answers give a standard error of 4.1 points."""
    interval = nps_interval(162, 54, 324)
    assert (interval.high - interval.low) / 2 / 1.95996 == pytest.approx(4.1, abs=0.05)


def test_a_fall_of_the_score_by_7_points_among_90_answers_is_noise():
    change = compare_nps(53, 16, 94, 52, 12, 87)
    assert change.difference == pytest.approx(-6.6, abs=0.05)
    assert (change.high - change.low) / 2 == pytest.approx(21.6, abs=0.1)
    assert change.verdict is Verdict.NOISE


def test_no_nps_interval_below_30_answers_or_when_all_answers_are_alike():
    assert np.isnan(nps_interval(20, 5, 29)).all()
    assert np.isnan(nps_interval(40, 0, 40)).all()
    assert np.isnan(nps_interval(0, 0, 40)).all()
    assert np.isnan(nps_interval(0, 0, 0)).all()


def test_a_wave_of_equal_answers_is_still_judged():
    change = compare_nps(40, 0, 40, 20, 10, 40)
    assert math.isnan(change.low)
    assert change.verdict is Verdict.UP
    assert compare_nps(40, 0, 40, 40, 0, 40).verdict is Verdict.NOISE


def test_more_answers_than_people_are_refused():
    with pytest.raises(ImpossibleInputError):
        nps_interval(30, 20, 40)


# Corrections

THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_benjamini_hochberg_rejects_the_four_hypotheses_of_the_1995_example():
    adjusted = benjamini_hochberg(THROMBOLYSIS)
    assert (adjusted <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert adjusted[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])


def test_a_comparison_without_p_value_neither_counts_nor_changes_the_others():
    with_gap = benjamini_hochberg([*THROMBOLYSIS[:3], math.nan, *THROMBOLYSIS[3:]])
    assert math.isnan(with_gap[3])
    assert np.delete(with_gap, 3) == pytest.approx(benjamini_hochberg(THROMBOLYSIS))
    assert benjamini_hochberg([]).size == 0


def test_split_of_600_to_400_is_not_half_and_half():
    """Wikipedia, "Sample ratio mismatch": p = 2.54e-10. srm.osc.garden: 44,000 against 45,000 gives p = 0.0008."""
    assert sample_ratio_mismatch([600, 400], [0.5, 0.5]) == pytest.approx(2.54e-10, rel=2e-3)
    assert sample_ratio_mismatch([44_000, 45_000], [1, 1]) == pytest.approx(0.0008, abs=5e-6)
    assert sample_ratio_mismatch([900, 100], [90, 10]) == 1.0
    assert math.isnan(sample_ratio_mismatch([0, 0], [1, 1]))
    with pytest.raises(ImpossibleInputError):
        sample_ratio_mismatch([5, 6, 7], [1, 1])


def test_sample_size_of_the_example_of_r_power_prop_test():
    """power.prop.test(p1 = .50, p2 = .75, power = .90): n = 76.7."""
    assert sample_size_two_proportions(0.50, 0.75, power=0.90) == 77
    with pytest.raises(ImpossibleInputError):
        sample_size_two_proportions(0.3, 0.3)


# Parts of a product


def test_two_factors_share_their_joint_effect_equally():
    assert shapley_product([10, 5], [12, 8]) == pytest.approx((13.0, 33.0))  # 2 * 5 + 2 * 3 / 2; 3 * 10 + 2 * 3 / 2


def test_a_factor_that_did_not_move_has_no_part():
    assert shapley_product([10, 2, 5], [12, 2, 4]) == pytest.approx((18.0, 0.0, -22.0))
    assert shapley_product([10, 0.3, 7], [12, 0.3, 7])[1:] == (0.0, 0.0)


def test_a_business_that_begins_is_split_over_all_its_factors():
    assert shapley_product([0, 0, 0], [100, 2, 50]) == pytest.approx((10_000 / 3,) * 3)
    assert shapley_product([], []) == ()
    with pytest.raises(ImpossibleInputError):
        shapley_product([1, 2], [1, 2, 3])


# Quantiles


def test_quantiles_are_type_7_of_hyndman_and_fan():
    """R's quantile(c(1, 3, 4, 8)) prints 1.00 2.50 3.50 5.00 8.00."""
    assert [quantile_type7([1, 3, 4, 8], q) for q in (0, 0.25, 0.5, 0.75, 1)] == [1.0, 2.5, 3.5, 5.0, 8.0]
    assert math.isnan(quantile_type7([], 0.5))
    assert quantile_type7([7.0], 0.9) == 7.0


# The module itself


def test_statistics_need_only_numpy_and_scipy_special():
    """Importing scipy.stats on top takes twice as long again, at every start of the app."""
    allowed = {"numpy", "scipy.special", "metrics.statistics", "data_access.errors"}
    standard = {"__future__", "math", "enum", "typing", "dataclasses", "collections"}
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = any(name == known or name.startswith(known + ".") for known in allowed)
                assert ours or name.split(".")[0] in standard, f"{file.name} imports {name}"


def test_every_function_is_explained_in_its_docstring_and_in_the_documentation():
    page = (ROOT / "docs" / "statistics.md").read_text("utf-8")
    for name in statistics.__all__:
        thing = getattr(statistics, name)
        if callable(thing):
            assert thing.__doc__, name
        if name.islower():
            assert f"`{name}`" in page, name
