"""What a load computes when a file leaves a cell or a whole column out: one list, in the order of the steps.

Every expression is DuckDB SQL over the row `t` of the table as read so far; it fills empty cells only. `{base}`
is the base currency, `{stated}` the one that the mapping or the settings file states, whatever an option asks for, as
SQL texts; `joins` names what else must be looked up. docs/importing.md shows this list.
"""

from __future__ import annotations

from dataclasses import dataclass

from data_access.schema import TABLES


@dataclass(frozen=True)
class Derivation:
    """How one column is filled; `step` 1 before 2 before 3; `joins` names what it looks into.

    `whole` is true where an empty cell means something (the present stay has not ended), so that only a column that
    is left out altogether is filled. An empty `sql` is done elsewhere and only told here.
    """

    table: str
    column: str
    sql: str
    meaning: str
    step: int = 1
    joins: tuple[str, ...] = ()
    whole: bool = False


# What a derivation may look into: the FROM part that gives one row at most, the tables needed.
JOINS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rate": (
        "ASOF LEFT JOIN (SELECT currency, valid_from, rate_to_base FROM {fx_rates} "
        "WHERE currency IS NOT NULL AND valid_from IS NOT NULL AND rate_to_base > 0) rate "
        "ON t.currency = rate.currency AND {day} >= rate.valid_from",
        ("fx_rates",),
    ),
    "stage": (
        "LEFT JOIN (SELECT stage_id, any_value(outcome) AS outcome, any_value(pipeline_id) AS pipeline_id, "
        "any_value(position) AS position FROM {pipelines_stages} GROUP BY stage_id) stage "
        "ON stage.stage_id = t.stage_id",
        ("pipelines_stages",),
    ),
    "closing": (
        "LEFT JOIN (SELECT opportunity_id, outcome, max(entered_at) AS entered_at FROM {stage_history} "
        "GROUP BY ALL) closing ON closing.opportunity_id = t.opportunity_id AND closing.outcome = t.outcome",
        ("stage_history",),
    ),
    "scale": (
        "LEFT JOIN (SELECT r.response_id, any_value(s.scale_min) AS low, any_value(s.scale_max) AS high "
        "FROM {survey_responses} r JOIN {surveys} s ON s.survey_id = r.survey_id GROUP BY ALL) scale "
        "ON scale.response_id = t.response_id",
        ("survey_responses", "surveys"),
    ),
}
# The day on which a row's amount is converted, by table.
CONVERSION_DAY = {
    "orders": "t.ordered_at",
    "opportunities": "COALESCE(t.closed_at, t.created_at)",
    "campaign_costs": "t.cost_date",
}
_FX = "CASE WHEN t.currency = {base} THEN 1 ELSE rate.rate_to_base END"


def _converted(amount: str, rate: str) -> str:
    """An amount in base currency; the exact product is slow, so that it is only made where a rate is needed."""
    product = f"TRY(CAST({amount} * {rate} AS DECIMAL(24, 6)))"
    return f"CASE WHEN t.currency = {{base}} THEN {amount} ELSE {product} END"


_DAY = "on the company's day"
STATED = "the base currency; where the mapping or `settings.csv` states one, that one, whatever an option asks for"

_IN_ORDER = (
    Derivation("fx_rates", "base_currency", "{stated}", STATED),
    Derivation("pipelines_stages", "position", "t._id + 1", "the order of the rows in the file"),
    Derivation("pipelines_stages", "name", "t.stage_id", "the stage's identifier"),
    Derivation("orders", "status", "", "`status_raw`, which must then be one of the permitted codes"),
    Derivation("orders", "status_raw", "t.status", "`status`"),
    Derivation("orders", "currency", "{stated}", STATED),
    Derivation("orders", "net", "t.gross - COALESCE(t.discount, 0)", "gross - discount", 2),
    Derivation("orders", "gross", "t.net + COALESCE(t.discount, 0)", "net + discount", 2),
    Derivation(
        "orders",
        "document",
        "CASE WHEN t.net < 0 THEN 'credit_note' ELSE 'order' END",
        "`credit_note` where net is negative, else `order`",
        3,
    ),
    Derivation(
        "orders",
        "fx_to_base",
        _FX,
        f"1 in the base currency, else the rate of `fx_rates` valid {_DAY} of the order",
        3,
        ("rate",),
    ),
    Derivation(
        "orders",
        "net_base",
        _converted("t.net", "t.fx_to_base"),
        "net x fx_to_base",
        4,
    ),
    Derivation(
        "orders",
        "refunded_base",
        _converted("COALESCE(t.refunded, 0)", "t.fx_to_base"),
        "refunded x fx_to_base",
        4,
    ),
    Derivation(
        "order_items",
        "order_item_id",
        "t.order_id || '-' || row_number() OVER (PARTITION BY t.order_id ORDER BY t._id)",
        "order and number of the line in it",
    ),
    Derivation(
        "order_items",
        "net",
        "TRY(t.quantity * t.unit_price - COALESCE(t.discount, 0))",
        "quantity x unit_price - discount",
        2,
    ),
    Derivation(
        "order_items",
        "unit_price",
        "(t.net + COALESCE(t.discount, 0)) / NULLIF(t.quantity, 0)",
        "(net + discount) / quantity",
        2,
    ),
    Derivation("customers", "name", "t.customer_id", "the customer's identifier"),
    Derivation("contacts", "full_name", "t.contact_id", "the contact's identifier"),
    Derivation("users", "name", "t.user_id", "the user's identifier"),
    Derivation("teams", "name", "t.team_id", "the team's identifier"),
    Derivation("products", "name", "COALESCE(t.sku, t.product_id)", "the article number, else the identifier"),
    Derivation("campaigns", "name", "t.campaign_id", "the campaign's identifier"),
    Derivation("surveys", "name", "t.survey_id", "the survey's identifier"),
    Derivation("customers", "email_key", "{email}", "SHA-256 of the trimmed, lower-cased e-mail"),
    Derivation("contacts", "email_key", "{email}", "SHA-256 of the trimmed, lower-cased e-mail"),
    Derivation("products", "currency", "CASE WHEN COALESCE(t.list_price, t.unit_cost) IS NOT NULL THEN {stated} END",
               "the base currency, where there is a price"),
    Derivation("campaigns", "currency", "{stated}", STATED),
    Derivation("campaign_members", "member_key", "COALESCE(t.contact_id, t.lead_id, t.customer_id, t.email_key)",
               "contact, else lead, else customer, else e-mail key"),
    Derivation("campaign_members", "first_sent_at", "COALESCE(t.sent_at, t.assigned_at)",
               "`sent_at`, else `assigned_at`"),
    Derivation("campaign_costs", "kind", "'cost'", "`cost`"),
    Derivation("campaign_costs", "currency", "{stated}", STATED),
    Derivation("campaign_costs", "amount_base", _converted("t.amount", "rate.rate_to_base"),
               "amount x the rate valid on that day", 3, ("rate",)),
    Derivation("leads", "status", "", "`status_raw`, which must then be one of the permitted codes"),
    Derivation(
        "leads",
        "status",
        "CASE WHEN t.converted_at IS NOT NULL OR t.converted_opportunity_id IS NOT NULL THEN 'converted' "
        "WHEN t.lost_reason IS NOT NULL THEN 'disqualified' WHEN t.qualified_at IS NOT NULL THEN 'qualified' "
        "WHEN t.first_response_at IS NOT NULL THEN 'working' ELSE 'new' END",
        "by the moments that are there: converted, disqualified (has a `lost_reason`), qualified, working, else new",
        2,
    ),
    Derivation("leads", "status_raw", "t.status", "`status`", 3),
    Derivation("tickets", "status", "", "`status_raw`, which must then be one of the permitted codes"),
    Derivation(
        "tickets",
        "status",
        "CASE WHEN t.closed_at IS NOT NULL THEN 'closed' WHEN t.resolved_at IS NOT NULL THEN 'resolved' "
        "ELSE 'open' END",
        "closed or resolved where that moment is there, else open",
        2,
    ),
    Derivation("tickets", "status_raw", "t.status", "`status`", 3),
    Derivation("stage_history", "seq", "row_number() OVER (PARTITION BY t.opportunity_id ORDER BY t.entered_at, t._id)",
               "the order of `entered_at`"),
    Derivation("stage_history", "outcome", "stage.outcome", "the outcome of the stage", 1, ("stage",)),
    Derivation(
        "stage_history",
        "left_at",
        "lead(t.entered_at) OVER (PARTITION BY t.opportunity_id ORDER BY t.seq)",
        "the next stay's `entered_at`, where the whole column is left out",
        2,
        whole=True,
    ),
    Derivation(
        "stage_history",
        "is_backward",
        "COALESCE(stage.position < lag(stage.position) OVER (PARTITION BY t.opportunity_id ORDER BY t.seq), FALSE)",
        "true where the stage lies before that of the previous stay",
        2,
        ("stage",),
    ),
    Derivation("stage_history", "is_initial", "t.seq = 1", "true for `seq` 1", 2),
    Derivation("opportunities", "name", "t.opportunity_id", "the deal's identifier"),
    Derivation("opportunities", "pipeline_id", "stage.pipeline_id", "the pipeline of the stage", 1, ("stage",)),
    Derivation("opportunities", "outcome", "stage.outcome", "the outcome of the stage", 1, ("stage",)),
    Derivation("opportunities", "currency", "CASE WHEN t.amount IS NOT NULL THEN {stated} END", STATED),
    Derivation(
        "opportunities",
        "closed_at",
        "CASE WHEN t.outcome IN ('won', 'lost', 'void') THEN closing.entered_at END",
        "the last entry into the present outcome in `stage_history`, for deals that are not open",
        2,
        ("closing",),
    ),
    Derivation(
        "opportunities",
        "amount_base",
        _converted("t.amount", "rate.rate_to_base"),
        f"amount x the rate valid {_DAY} of closing, of opening for open deals",
        3,
        ("rate",),
    ),
    Derivation("opportunity_lines", "currency", "{stated}", STATED),
    Derivation("ticket_history", "seq", "row_number() OVER (PARTITION BY t.ticket_id ORDER BY t.entered_at, t._id)",
               "the order of `entered_at`"),
    Derivation(
        "ticket_history",
        "left_at",
        "lead(t.entered_at) OVER (PARTITION BY t.ticket_id ORDER BY t.seq)",
        "the next stay's `entered_at`, where the whole column is left out",
        2,
        whole=True,
    ),
    Derivation(
        "survey_answers",
        "score_0_1",
        "(t.score - scale.low) / NULLIF(scale.high - scale.low, 0)",
        "(score - scale_min) / (scale_max - scale_min); give it yourself where a low answer is the good one",
        2,
        ("scale",),
    ),
)  # fmt: skip


def _row_keys() -> tuple[Derivation, ...]:
    """Tables whose rows nothing points to may leave their key out."""
    names = ("opportunity_lines", "touchpoints", "interactions", "loyalty_ledger")
    keys = {name: next(iter(TABLES[name].primary_key.columns)).name for name in names}
    return tuple(
        Derivation(name, key, "'row-' || (t._id + 1)", "`row-` and the number of the row") for name, key in keys.items()
    )


DERIVATIONS: tuple[Derivation, ...] = _IN_ORDER + _row_keys()

# Filled when the file is written, from other tables as they were loaded.
LATE: tuple[Derivation, ...] = (
    Derivation("order_items", "net_base", "", "net x the order's fx_to_base"),
    Derivation(
        "customers",
        "first_seen_at",
        "",
        "the first order, deal, lead, ticket or contact; the first moment of all if none",
    ),
    Derivation("customers", "became_customer_at", "", "the first valid order or won deal"),
    Derivation("contacts", "created_at", "", "the customer's `first_seen_at`, else the first moment of all"),
    Derivation("customers", "*", "", "without a customers file: one bare row per customer that other tables name"),
    Derivation(
        "stage_history", "*", "", "one reconstructed stay for each deal without any, from its opening to this day"
    ),
    Derivation("*", "source_system", "", "`import`, or the mapping's `id`"),
    Derivation("*", "source_id", "", "the row's key, its parts joined by `|`"),
)


def derivable(table: str) -> set[str]:
    """Columns of a table that a file may leave out although every row needs them."""
    return {one.column for one in (*DERIVATIONS, *LATE) if one.table == table}


def markdown() -> str:
    """The list as the table in docs/importing.md."""
    lines = ["| column left out or empty | is filled with |", "|---|---|"]
    defaults = [
        (f"{table.name}.{column.name}", f"`{str(column.info['default']).lower()}`")
        for table in TABLES.values()
        for column in table.columns
        if "default" in column.info
    ]
    rows = [(f"{one.table}.{one.column}".removeprefix("*."), one.meaning) for one in (*DERIVATIONS, *LATE)]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in [*rows, *defaults]]
    return "\n".join(lines)
