"""What a mapping of a live database may leave out, and what stands for it: expressions of the mapping language.

The counterpart, for tables that are read where they lie, of what an import fills in (loading/derivations.py). An
expression names canonical columns of the same row; `stage.x`, `parent.x` and `rate` name what JOINS and RATE look up.
"""

from __future__ import annotations

from dataclasses import dataclass

from data_access.schema import TABLES


@dataclass(frozen=True)
class Join:
    """One row at most of another canonical table, found by a column of this one."""

    table: str
    key: str
    by: str


JOINS = {
    "stage": Join("pipelines_stages", "stage_id", "stage_id"),
    "parent": Join("orders", "order_id", "order_id"),
}
# Base currency for one unit of `currency`, as the last rate in `fx_rates` before the row's day says.
RATED_ON = {
    "orders": "day(ordered_at)",
    "opportunities": "day(coalesce(closed_at, created_at))",
    "campaign_costs": "cost_date",
}

_BASE = "setting('base_currency')"
_CONVERTED = f"CASE WHEN currency = {_BASE} THEN {{0}} ELSE {{0}} * {{1}} END"
_STAYS = "OVER (PARTITION BY {0} ORDER BY entered_at)"

COMPLETIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "fx_rates": {"base_currency": (_BASE,)},
    "pipelines_stages": {"name": ("stage_id",)},
    "customers": {"name": ("customer_id",), "email_key": ("email_key(email)",)},
    "contacts": {"full_name": ("contact_id",), "email_key": ("email_key(email)",)},
    "users": {"name": ("user_id",)},
    "teams": {"name": ("team_id",)},
    "products": {"name": ("coalesce(sku, product_id)", "product_id")},
    "campaigns": {"name": ("campaign_id",)},
    "surveys": {"name": ("survey_id",)},
    "leads": {"status_raw": ("status",)},
    "tickets": {"status_raw": ("status",)},
    "orders": {
        "status_raw": ("status",),
        "currency": (_BASE,),
        "net": ("gross - coalesce(discount, 0)", "gross"),
        "gross": ("net + coalesce(discount, 0)", "net"),
        "document": ("CASE WHEN net < 0 THEN 'credit_note' ELSE 'order' END",),
        "fx_to_base": (
            f"CASE WHEN currency = {_BASE} THEN 1 ELSE rate END",
            f"CASE WHEN currency = {_BASE} THEN 1 END",
        ),
        "net_base": (_CONVERTED.format("net", "fx_to_base"),),
        "refunded_base": (_CONVERTED.format("refunded", "fx_to_base"),),
    },
    "order_items": {
        "net": ("quantity * unit_price - coalesce(discount, 0)", "quantity * unit_price"),
        "unit_price": ("(net + coalesce(discount, 0)) / nullif(quantity, 0)", "net / nullif(quantity, 0)"),
        "net_base": (f"CASE WHEN parent.currency = {_BASE} THEN net ELSE net * parent.fx_to_base END",),
    },
    "opportunities": {
        "name": ("opportunity_id",),
        "pipeline_id": ("stage.pipeline_id",),
        "outcome": ("stage.outcome",),
        "currency": (f"CASE WHEN amount IS NOT NULL THEN {_BASE} END",),
        "amount_base": (_CONVERTED.format("amount", "rate"), f"CASE WHEN currency = {_BASE} THEN amount END"),
    },
    "opportunity_lines": {"currency": (_BASE,)},
    "stage_history": {
        "outcome": ("stage.outcome",),
        "seq": (f"row_number() {_STAYS.format('opportunity_id')}",),
        "left_at": (f"lead(entered_at) {_STAYS.format('opportunity_id')}",),
        "is_initial": (f"row_number() {_STAYS.format('opportunity_id')} = 1",),
        "is_backward": (
            f"coalesce(stage.position < lag(stage.position) {_STAYS.format('opportunity_id')}, FALSE)",
        ),
    },
    "campaign_costs": {
        "kind": ("'cost'",),
        "currency": (_BASE,),
        "amount_base": (_CONVERTED.format("amount", "rate"), f"CASE WHEN currency = {_BASE} THEN amount END"),
    },
    "campaign_members": {
        "member_key": ("coalesce(contact_id, lead_id, customer_id, email_key)", "coalesce(contact_id, customer_id)",
                       "contact_id", "lead_id", "customer_id", "email_key"),
        "first_sent_at": ("coalesce(sent_at, assigned_at)", "sent_at", "assigned_at"),
    },
    "ticket_history": {
        "seq": (f"row_number() {_STAYS.format('ticket_id')}",),
        "left_at": (f"lead(entered_at) {_STAYS.format('ticket_id')}",),
    },
}  # fmt: skip


def completed_by_all(table: str) -> dict[str, tuple[str, ...]]:
    """The completions of a table, with those that every table has."""
    key = [column.name for column in TABLES[table].primary_key.columns]
    parts = [part for name in key for part in (f"text({name})", "'|'")][:-1]
    whole = parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"
    return {**COMPLETIONS.get(table, {}), "source_id": (whole,)}
