"""Statistics: the one place where a number gets its interval and a change its verdict.

Every metric takes its interval, its test and its correction from here, so that "noise" means the same on every page.
Each function names its formula and its source; docs/statistics.md says the same for analysts.

    change.py        Interval, Change, Verdict: what a comparison is, and when it says nothing
    proportions.py   a share of cases: win rate, conversion, churn, CSAT
    totals.py        a sum or a count over a period: revenue, orders, customers, complaints
    ratios.py        a sum divided by a sum, customers as clusters: average order value, revenue per customer
    promoters.py     the net promoter score
    survival.py      time until something happens when some cases are still open
    corrections.py   many comparisons at once, and whether a random split was kept
    decomposition.py a change of a product split into one part per factor
    quantiles.py     quantiles of sorted values

Only numpy and scipy.special: importing scipy.stats on top takes twice as long again, at every start of the app.
Functions marked (V) take arrays; the others take one number at a time.
"""

from metrics.statistics.change import LEVEL, MIN_CASES, Change, ImpossibleInputError, Interval, Verdict
from metrics.statistics.corrections import benjamini_hochberg, sample_ratio_mismatch
from metrics.statistics.decomposition import shapley_product
from metrics.statistics.promoters import compare_nps, nps_interval
from metrics.statistics.proportions import compare_proportions, sample_size_two_proportions, wilson
from metrics.statistics.quantiles import quantile_type7
from metrics.statistics.ratios import RatioSums, compare_ratios, ratio_interval
from metrics.statistics.survival import LogRank, Survival, kaplan_meier, log_rank
from metrics.statistics.totals import compare_counts, compare_sums, poisson_interval, sum_interval

__all__ = [
    "LEVEL",
    "MIN_CASES",
    "Change",
    "ImpossibleInputError",
    "Interval",
    "LogRank",
    "RatioSums",
    "Survival",
    "Verdict",
    "benjamini_hochberg",
    "compare_counts",
    "compare_nps",
    "compare_proportions",
    "compare_ratios",
    "compare_sums",
    "kaplan_meier",
    "log_rank",
    "nps_interval",
    "poisson_interval",
    "quantile_type7",
    "ratio_interval",
    "sample_ratio_mismatch",
    "sample_size_two_proportions",
    "shapley_product",
    "sum_interval",
    "wilson",
]
