"""Time until something happens when some cases are still open: time in a stage, time to the second order.

An open deal has lasted at least as long as it has so far; leaving it out makes stages look shorter than they are.
The Kaplan-Meier curve S(t), the share not yet through at time t, uses every case as long as it was watched.

    S(t) = product over event times t_j <= t of (1 - d_j / n_j),   d_j events among n_j at risk

A case is at risk at t when entry < t <= duration: one that closes and one that ends open at the same t both count.
Unit: that of the durations. Nothing is said beyond the last duration: `at` and the mean are nan there, unless S is 0.

Sources: E. L. Kaplan, P. Meier 1958, J. Amer. Statist. Assoc. 53:457-481; M. Greenwood 1926 (variance);
J. D. Kalbfleisch, R. L. Prentice 1980, section 1.3 (log-log interval); R. Brookmeyer, J. Crowley 1982, Biometrics
38:29-41 (median); J. P. Klein, M. L. Moeschberger 2003, Survival Analysis, 2nd ed., 4.5 (mean), 4.6 (left truncation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from metrics.statistics.change import LEVEL, ImpossibleInputError, normal_quantile

HALF = 0.5


@dataclass(frozen=True)
class Survival:
    """A Kaplan-Meier curve.

    time          the distinct durations, upwards
    at_risk       cases watched just before each time
    events        cases that got through at each time
    censored      cases that ended open at each time
    survival      S(time), the share not yet through
    low, high     pointwise interval of S; nan before the first event and where S is 0
    n             cases used
    median        time at which half are through; nan when S never falls to one half
    median_low, median_high   its interval; nan where the band does not fall to one half
    """

    time: NDArray
    at_risk: NDArray
    events: NDArray
    censored: NDArray
    survival: NDArray
    low: NDArray
    high: NDArray
    n: int
    median: float
    median_low: float
    median_high: float

    @property
    def share_open(self) -> float:
        """Share of cases that ended open (censored); nan without cases."""
        return float(self.censored.sum()) / self.n if self.n else math.nan

    def at(self, t: float) -> float:
        """S(t); nan beyond the last duration."""
        return float(self.curve([t])[0])

    def curve(self, times: ArrayLike) -> NDArray:
        """S at several times (V); nan beyond the last duration unless nobody is left."""
        asked = np.asarray(times, dtype=float)
        if not self.n:
            return np.full(asked.shape, np.nan)
        steps = np.concatenate(([1.0], self.survival))
        values = steps[np.searchsorted(self.time, asked, side="right")]
        unseen = (asked > self.time[-1]) & (self.survival[-1] > 0.0)
        return np.where(unseen | np.isnan(asked), np.nan, values)

    def mean_restricted(self, horizon: float | None = None) -> float:
        """Mean time up to the horizon (default: the last duration): the area under S; nan beyond what was watched.

        Source: Klein and Moeschberger 2003, equation 4.5.1.
        """
        if not self.n:
            return math.nan
        end = float(self.time[-1]) if horizon is None else float(horizon)
        if math.isnan(self.at(end)):
            return math.nan
        inside = self.time < end
        edges = np.concatenate(([0.0], self.time[inside], [end]))
        return float(np.dot(np.concatenate(([1.0], self.survival[inside])), np.diff(edges)))


class LogRank(NamedTuple):
    """Result of a log-rank test: chi-square, its degrees of freedom, its p-value."""

    chi2: float
    dof: int
    p_value: float


class _Cases(NamedTuple):
    """Durations, whether each ended with the event, and when each came under watch (-inf: from the beginning)."""

    durations: NDArray
    observed: NDArray
    entries: NDArray

    def at_risk(self, times: NDArray) -> NDArray:
        """Cases with entry < t <= duration."""
        entered = np.searchsorted(np.sort(self.entries), times, side="left")
        left = np.searchsorted(np.sort(self.durations), times, side="left")
        return entered - left

    def events(self, times: NDArray) -> NDArray:
        """Events at each of the times."""
        happened = np.sort(self.durations[self.observed])
        return np.searchsorted(happened, times, side="right") - np.searchsorted(happened, times, side="left")


def kaplan_meier(
    durations: ArrayLike, observed: ArrayLike, entries: ArrayLike | None = None, level: float = LEVEL
) -> Survival:
    """The Kaplan-Meier curve with Greenwood's variance and log-log interval.

    durations   time from the start of each case to its event or to the end of watching
    observed    true when the event happened, false when the case is still open
    entries     left truncation: age of the case when watching began (customers older than the records); cases that
                ended before or at their entry were never seen and are left out. S then holds for cases that reach the
                first entry, and with few cases early it may fall to 0 for good: raise all entries to a later common
                age to start there instead.

        interval: S^exp(-+ z sqrt(G) / log S),   G = sum d_j / (n_j (n_j - d_j))
    """
    cases = _cases(durations, observed, entries)
    time = np.unique(cases.durations)
    at_risk, events = cases.at_risk(time), cases.events(time)
    ends = np.searchsorted(np.sort(cases.durations), time, side="right")
    survival = np.cumprod(1.0 - events / at_risk)
    low, high = _log_log_band(survival, at_risk, events, level)
    return Survival(
        time=time,
        at_risk=at_risk,
        events=events,
        censored=np.diff(ends, prepend=0) - events,
        survival=survival,
        low=low,
        high=high,
        n=cases.durations.size,
        median=_median(time, events, survival),
        median_low=_first_at_most_half(time, low),
        median_high=_first_at_most_half(time, high),
    )


def log_rank(groups: Sequence[Sequence[ArrayLike]]) -> LogRank:
    """Do the groups get through at the same pace?

    groups   one (durations, observed) or (durations, observed, entries) each; groups that are never at risk when
             something happens do not count; nan when fewer than two are left

        Z_k = sum over event times (d_kj - n_kj d_j / n_j), with hypergeometric variance V;
        chi2 = Z' V^- Z over all groups but the last, which follows from the others

    Source: N. Mantel 1966, Cancer Chemother. Rep. 50:163-170; Klein and Moeschberger 2003, equations 7.3.3 to 7.3.6.
    """
    cases = [_cases(*group) for group in groups]
    happened = [group.durations[group.observed] for group in cases]
    time = np.unique(np.concatenate(happened)) if happened else np.empty(0)
    at_risk = np.array([group.at_risk(time) for group in cases], dtype=float).reshape(len(cases), time.size)
    events = np.array([group.events(time) for group in cases], dtype=float).reshape(len(cases), time.size)
    counted = at_risk.sum(axis=1) > 0.0
    dof = int(counted.sum()) - 1
    if dof < 1:
        return LogRank(math.nan, max(dof, 0), math.nan)
    excess, variance = _excess_and_variance(at_risk[counted], events[counted])
    free, spread = excess[:-1], variance[:-1, :-1]
    chi2 = float(free @ np.linalg.pinv(spread, hermitian=True) @ free)
    return LogRank(chi2, dof, float(chdtrc(dof, chi2)))


def _cases(durations: ArrayLike, observed: ArrayLike, entries: ArrayLike | None = None) -> _Cases:
    lasted = np.asarray(durations, dtype=float)
    seen = np.asarray(observed, dtype=bool)
    entered = np.zeros(lasted.shape) if entries is None else np.asarray(entries, dtype=float)
    if not lasted.shape == seen.shape == entered.shape:
        raise ImpossibleInputError(
            f"Durations of {lasted.size} cases came with {seen.size} endings and {entered.size} entries; give as many."
        )
    wrong = np.count_nonzero(~(lasted >= 0.0) | np.isinf(lasted) | np.isnan(entered))
    if wrong:
        raise ImpossibleInputError(
            f"Durations were asked of {wrong} cases that have none, a negative one or no entry; leave these out first."
        )
    entered = np.where(entered <= 0.0, -np.inf, entered)
    watched = entered < lasted
    return _Cases(lasted[watched], seen[watched], entered[watched])


def _log_log_band(survival: NDArray, at_risk: NDArray, events: NDArray, level: float) -> tuple[NDArray, NDArray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        spread = normal_quantile(level) * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(spread), survival ** np.exp(-spread)
    inside = (survival > 0.0) & (survival < 1.0)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _median(time: NDArray, events: NDArray, survival: NDArray) -> float:
    """First event time with S below one half; midway to it where S rests at exactly one half, as for even samples."""
    resting = np.isclose(survival, HALF, rtol=0.0, atol=1e-12)
    below = time[(survival < HALF) & ~resting]
    if not resting.any():
        return float(below[0]) if below.size else math.nan
    start = float(time[resting & (events > 0)][0])
    return (start + float(below[0])) / 2.0 if below.size else start


def _first_at_most_half(time: NDArray, band: NDArray) -> float:
    reached = time[band <= HALF]
    return float(reached[0]) if reached.size else math.nan


def _excess_and_variance(at_risk: NDArray, events: NDArray) -> tuple[NDArray, NDArray]:
    """Events beyond expectation per group, and their covariance; groups in rows, event times in columns."""
    everyone, happened = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / everyone
    excess = (events - share * happened).sum(axis=1)
    weight = happened * (everyone - happened) / np.maximum(everyone - 1.0, 1.0)
    variance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    return excess, variance
