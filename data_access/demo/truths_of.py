"""The truths of a demo company that has just been made: the plan, and what is counted in the file."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from data_access.demo import plan as planned
from data_access.demo.plan import Plan
from data_access.demo.truths import (
    Bottleneck,
    CampaignLift,
    ChurnCause,
    FixedRootCause,
    ProductPair,
    SatisfactionDriver,
    Truths,
)
from data_access.schema import TABLES

# Rows that are sound but that no metric counts.
LEFT_OUT = {
    "own_company_customers": "select count(*) from customers where is_own_company",
    "own_company_orders": "select count(*) from orders where customer_id = 'C-OWN'",
    "test_orders": "select count(*) from orders where is_test",
    "draft_orders": "select count(*) from orders where status = 'draft'",
    "cancelled_orders": "select count(*) from orders where status = 'cancelled'",
    "refunded_orders": "select count(*) from orders where status = 'refunded'",
    "credit_notes": "select count(*) from orders where document = 'credit_note'",
    "void_opportunities": "select count(*) from opportunities where outcome = 'void'",
    "deleted_opportunities": "select count(*) from opportunities where is_deleted_in_source",
    "void_tickets": "select count(*) from tickets where status = 'void'",
}


def truths_of(connection: DuckDBPyConnection, plan: Plan) -> Truths:
    """What is true of the company in `connection`."""
    lifts = _lifts(connection)
    first = planned.WINDOW_START.year * 12 + planned.WINDOW_START.month - 1

    def lift(month: int) -> CampaignLift:
        year, number = divmod(first + month, 12)
        return lifts[f"MAIL-{year}-{number + 1:02}"]

    return Truths(
        company_name=planned.COMPANY_NAME,
        seed=plan.seed,
        scale=plan.scale,
        null=plan.null,
        data_as_of=planned.AS_OF,
        history_start=plan.history_start,
        stationary_from=planned.WINDOW_START if plan.null else None,
        campaign_with_lift=None if plan.null else lift(planned.LIFT_MONTH),
        campaign_without_lift=lift(planned.NO_LIFT_MONTH),
        campaign_lifts=tuple(lifts.values()),
        churn_cause=None if plan.null else ChurnCause(planned.CHURN_CAUSE, plan.rates["late_leave_rate"]),
        satisfaction_driver=None if plan.null else SatisfactionDriver(planned.DRIVER, planned.DRIVER_WEIGHTS),
        fixed_root_cause=None if plan.null else _fixed_root_cause(plan),
        product_pair=None if plan.null else _product_pair(plan),
        low_value_channel=None if plan.null else planned.LOW_VALUE_CHANNEL,
        growing_region=None if plan.null else planned.GROWING_REGION,
        shrinking_region=None if plan.null else planned.SHRINKING_REGION,
        bottleneck=None if plan.null else _bottleneck(plan),
        dirt=plan.dirt,
        left_out={kind: _count(connection, query) for kind, query in LEFT_OUT.items()},
        totals={name: _count(connection, f"select count(*) from {name}") for name in TABLES},
    )


def _count(connection: DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _lifts(connection: DuckDBPyConnection) -> dict[str, CampaignLift]:
    rows = connection.execute(
        """
        select campaign_id, any_value(name), sum(brought)::double / sum(members), sum(members)::bigint
        from lift_counts join letters using (campaign_no) join campaigns using (campaign_id)
        group by campaign_id order by campaign_id
        """
    ).fetchall()
    return {row[0]: CampaignLift(row[0], row[1], row[2], planned.CONVERSION_DAYS, row[3]) for row in rows}


def _fixed_root_cause(plan: Plan) -> FixedRootCause:
    rates = plan.rates
    return FixedRootCause(
        planned.FIXED_CAUSE, planned.FIXED_ON, rates["damaged_rate_before"], rates["damaged_rate_after"]
    )


def _product_pair(plan: Plan) -> ProductPair:
    return ProductPair(*planned.PAIR, plan.rates["pair_rate"], plan.rates["pair_both_rate"])


def _bottleneck(plan: Plan) -> Bottleneck:
    return Bottleneck(
        "new_business",
        "new_proposal",
        "new_negotiation",
        planned.BOTTLENECK_SINCE,
        plan.rates["proposal_rate_before"],
        plan.rates["proposal_rate_after"],
    )
