"""How far a trend reaches: enough buckets to see last year's season beside this one's, up to what is running now."""

from __future__ import annotations

from datetime import timedelta

from data_access.calendar import Grain
from metrics.periods import last_buckets
from ui.view import View

REACH = {Grain.DAY: 60, Grain.WEEK: 53, Grain.MONTH: 25, Grain.QUARTER: 13, Grain.YEAR: 8}
RUNNING = timedelta(days=100)  # a period that ended this lately is shown with what has happened since


def trend_view(view: View) -> View:
    """The same view over the buckets that lead up to the as-of day, or to the end of an earlier period."""
    calendar, grain = view.source.calendar, view.filters.grain
    tomorrow = calendar.to_local(view.source.crm.until).date() + timedelta(days=1)
    end = view.filters.period.end
    near = end > tomorrow or tomorrow - end <= RUNNING
    return view.over(last_buckets(tomorrow if near else end, grain, REACH[grain], calendar), grain)
