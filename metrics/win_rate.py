"""Win rate: the share of closed opportunities that were won.

    win rate = won / (won + lost)

Counted by number of opportunities, at the moment they closed; open and void ones are left out.
Unit: ratio, 0 to 1; no value for a period in which nothing closed; n = won + lost. Interval: Wilson (1927).
Source: docs/metrics.md#win_rate
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from data_access.access import Crm
from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi, share_of
from metrics.metric import DEAL_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.statistics import Change, compare_proportions, wilson

WON, LOST = "won", "lost"


def closed_opportunities(crm: Crm, span: Span) -> Select[Any]:
    """One row per opportunity closed in the span: the rows behind every number below."""
    deal = crm.opportunities.c
    return select(
        deal.opportunity_id,
        deal.customer_id,
        deal.outcome,
        deal.closed_at.label("happened_at"),
        deal.channel,
        deal.owner_id,
        deal.team_id,
    ).where(deal.outcome.in_((WON, LOST)), span.holds(deal.closed_at))


def measures(deal: Any) -> Measures:
    """value, n and won."""
    won = count_of(deal.outcome == WON)
    return {"value": share_of(won, func.count()), "n": func.count(), "won": won}


def interval(of: Columns) -> tuple[Any, Any]:
    """Wilson interval."""
    return wilson(of["won"], of["n"])


def change(now: Row, then: Row) -> Change:
    """The change of the share, as two independent proportions."""
    return compare_proportions(now["won"], now["n"], then["won"], then["n"])


METRIC = kpi(
    "win_rate",
    Unit.RATIO,
    Better.HIGHER,
    Kpi(closed_opportunities, measures, change, interval),
    needs=("opportunities",),
    filters=DEAL_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team"),
)
