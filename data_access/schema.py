"""The canonical schema: the tables and columns that every metric reads, whatever CRM they came from.

Every table is optional: a page says what a source does not hold instead of drawing zero.
Logical types: identifiers are text; `*_at` is a moment in UTC; `*_on` and `*_date` are calendar dates in the
company's time zone; money is DECIMAL(24, 6) in the row's `currency`, with a `*_base` twin in the base currency.

`column.comment` says what a column means; `column.info` may hold
    values   the permitted values (an enumeration)
    default  what an import fills in when the file leaves the column out or empty
`docs/schema.md` is generated from this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

METADATA = MetaData()

MONEY = Numeric(24, 6, asdecimal=False)
RATE = Numeric(24, 12, asdecimal=False)
QUANTITY = Numeric(18, 6, asdecimal=False)

OPPORTUNITY_OUTCOMES = ("open", "won", "lost", "void")
LEAD_STATUSES = ("new", "working", "qualified", "converted", "disqualified")
ORDER_STATUSES = ("draft", "confirmed", "cancelled", "refunded", "partly_refunded")
ORDER_DOCUMENTS = ("order", "invoice", "contribution", "contract", "credit_note")
TICKET_STATUSES = ("open", "pending", "resolved", "closed", "void")


def _key(name: str = "", comment: str = "Identifier, unique in this table.", type_: Any = String) -> Column[Any]:
    return Column(name, type_, primary_key=True, nullable=False, comment=comment)


def _need(
    name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    comment: str,
    *,
    values: Sequence[str] = (),
    default: Any = None,
    to: str = "",
) -> Column[Any]:
    """A column that is never null; `to` names the table whose key it holds."""
    return _column(name, type_, comment, nullable=False, values=values, default=default, to=to)


def _may(
    name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    comment: str,
    *,
    values: Sequence[str] = (),
    to: str = "",
) -> Column[Any]:
    """A column that may be null."""
    return _column(name, type_, comment, nullable=True, values=values, default=None, to=to)


def _column(
    name: str, type_: Any, comment: str, *, nullable: bool, values: Sequence[str], default: Any, to: str
) -> Column[Any]:
    info: dict[str, Any] = {}
    if values:
        info["values"] = tuple(values)
    if default is not None:
        info["default"] = default
    key = [ForeignKey(to)] if to else []
    return Column(name, type_, *key, nullable=nullable, comment=comment, info=info)


def _table(name: str, comment: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        METADATA,
        *columns,
        _may("source_system", String, "The system that the row came from."),
        _may("source_id", String, "The row's key in that system."),
        _may("updated_at", DateTime, "When the row last changed there."),
        comment=comment,
    )


CUSTOMER = "customers.customer_id"
CONTACT = "contacts.contact_id"
USER = "users.user_id"
CAMPAIGN = "campaigns.campaign_id"
OPPORTUNITY = "opportunities.opportunity_id"

CUSTOMERS = _table(
    "customers",
    "Who is billed: contacts are rolled up to it. The company's own record and its employees are left out.",
    _key("customer_id"),
    _need("name", String, "Display name."),
    _need("kind", String, "Company or private person.", values=("company", "person"), default="company"),
    _may("email", String, "E-mail address as written."),
    _may("email_key", String, "Key that joins one person across systems: SHA-256 of the trimmed, lower-cased e-mail."),
    _may("phone", String, "Telephone number as written."),
    _may("country", String, "Country, two letters (ISO 3166-1 alpha-2)."),
    _may("region", String, "Sales region, as the company names it."),
    _may("city", String, "City."),
    _may("industry", String, "Industry, as the company names it."),
    _may("size_band", String, "Size of the customer, as the company bands it."),
    _may("segment", String, "Segment, as the company names it; today's value."),
    _may("lifecycle", String, "Lifecycle stage that the CRM records; metrics compute their own."),
    _may("owner_id", String, "Who looks after the customer.", to=USER),
    _may("acquired_channel", String, "Channel that first brought the customer."),
    _may("acquired_campaign_id", String, "Campaign that first brought the customer.", to=CAMPAIGN),
    _may("parent_customer_id", String, "The customer's parent company.", to=CUSTOMER),
    _need("first_seen_at", DateTime, "When the record came to be."),
    _may("became_customer_at", DateTime, "First won opportunity or first valid order."),
    _need("is_active", Boolean, "False when archived in the CRM.", default=True),
    _need("is_own_company", Boolean, "True for the company itself; such rows are never counted.", default=False),
    _may("consent_marketing", Boolean, "May be addressed; null when not recorded."),
    _may(
        "merged_into_id", String, "The record that this one was merged into; such rows are never counted.", to=CUSTOMER
    ),
)

CONTACTS = _table(
    "contacts",
    "People at a customer.",
    _key("contact_id"),
    _may("customer_id", String, "The customer they belong to.", to=CUSTOMER),
    _need("full_name", String, "Name."),
    _may("email", String, "E-mail address as written."),
    _may("email_key", String, "Key that joins one person across systems."),
    _may("phone", String, "Telephone number as written."),
    _may("job_title", String, "Job title."),
    _need("is_primary", Boolean, "The customer's main contact.", default=False),
    _may("opted_out", Boolean, "Refuses marketing; null when not recorded."),
    _need("created_at", DateTime, "When the record came to be."),
)

USERS = _table(
    "users",
    "The company's own people; inactive ones stay, because history belongs to them.",
    _key("user_id"),
    _need("name", String, "Name."),
    _may("email", String, "E-mail address."),
    _need("is_active", Boolean, "Still works with the CRM.", default=True),
    _may("team_id", String, "Team.", to="teams.team_id"),
    _may("manager_id", String, "Manager.", to=USER),
    _need("is_integration", Boolean, "A program, not a person.", default=False),
)

TEAMS = _table(
    "teams",
    "Teams and territories, as a tree.",
    _key("team_id"),
    _need("name", String, "Name."),
    _may("parent_team_id", String, "Team above.", to="teams.team_id"),
    _may("region", String, "Region that the team covers."),
)

LEADS = _table(
    "leads",
    "Interest that is not yet an opportunity.",
    _key("lead_id"),
    _may("customer_id", String, "Customer, once known.", to=CUSTOMER),
    _may("contact_id", String, "Person, once known.", to=CONTACT),
    _may("name", String, "Name of the lead."),
    _may("email_key", String, "Key that joins one person across systems."),
    _may("source_raw", String, "Source as the CRM writes it."),
    _may("channel", String, "Channel, after the channel map."),
    _may("campaign_id", String, "Campaign.", to=CAMPAIGN),
    _may("owner_id", String, "Who works on it.", to=USER),
    _need("status_raw", String, "Status as the CRM writes it.", default="new"),
    _need("status", String, "Status.", values=LEAD_STATUSES),
    _need("created_at", DateTime, "When it came in."),
    _may("first_response_at", DateTime, "First answer by a person."),
    _may("qualified_at", DateTime, "When marketing qualified it."),
    _may("converted_at", DateTime, "When it became an opportunity."),
    _may("converted_opportunity_id", String, "That opportunity.", to=OPPORTUNITY),
    _may("lost_reason", String, "Why it was disqualified."),
)

PIPELINES_STAGES = _table(
    "pipelines_stages",
    "The stages of every pipeline: the only place that says what a stage means.",
    _key("stage_id"),
    _need("pipeline_id", String, "Pipeline.", default="default"),
    _need("pipeline_name", String, "Name of the pipeline.", default="Sales"),
    _need("name", String, "Name of the stage."),
    _need("position", Integer, "Order within the pipeline, first to last."),
    _may("probability", Float, "Probability of winning from here, 0 to 1."),
    _need("outcome", String, "What being here means.", values=OPPORTUNITY_OUTCOMES, default="open"),
)

OPPORTUNITIES = _table(
    "opportunities",
    "Deals. `outcome` comes from rules, never from the name of a stage.",
    _key("opportunity_id"),
    _need("name", String, "Name of the deal."),
    _may("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("lead_id", String, "Lead that it came from.", to="leads.lead_id"),
    _may("owner_id", String, "Owner.", to=USER),
    _may("team_id", String, "Team.", to="teams.team_id"),
    _need("pipeline_id", String, "Pipeline.", default="default"),
    _need("stage_id", String, "Present stage.", to="pipelines_stages.stage_id"),
    _need("outcome", String, "Open, won, lost or void.", values=OPPORTUNITY_OUTCOMES),
    _may("amount", MONEY, "Value of the deal, in `currency`."),
    _may("currency", String, "Currency (ISO 4217)."),
    _may("amount_base", MONEY, "Value of the deal, in the base currency."),
    _may("probability", Float, "Probability that the CRM records, 0 to 1."),
    _may("source_raw", String, "Source as the CRM writes it."),
    _may("channel", String, "Channel, after the channel map."),
    _may("campaign_id", String, "Campaign.", to=CAMPAIGN),
    _may("type", String, "New or existing business.", values=("new", "existing")),
    _need("created_at", DateTime, "When the deal was opened."),
    _may("expected_close_date", Date, "Forecast of the closing day, edited by people."),
    _may("closed_at", DateTime, "Last entry into the present closed outcome; null when open."),
    _may("lost_reason", String, "Why it was lost."),
    _need("is_deleted_in_source", Boolean, "Deleted in the CRM; such rows are never counted.", default=False),
)

OPPORTUNITY_LINES = _table(
    "opportunity_lines",
    "Products of a deal.",
    _key("opportunity_line_id"),
    _need("opportunity_id", String, "Deal.", to=OPPORTUNITY),
    _may("product_id", String, "Product.", to="products.product_id"),
    _need("quantity", QUANTITY, "Quantity."),
    _need("net_amount", MONEY, "Net amount, in `currency`."),
    _need("currency", String, "Currency (ISO 4217)."),
)

STAGE_HISTORY = _table(
    "stage_history",
    "One row per stay of a deal in a stage, contiguous; the first starts when the deal was created; losing and "
    "reopening are rows too.",
    Column("opportunity_id", String, ForeignKey(OPPORTUNITY), primary_key=True, nullable=False, comment="Deal."),
    _key("seq", "Order of the stays of one deal, from 1.", Integer),
    _may("stage_id", String, "Stage; null when the log no longer names it.", to="pipelines_stages.stage_id"),
    _need("outcome", String, "What being there means.", values=OPPORTUNITY_OUTCOMES),
    _need("entered_at", DateTime, "When the stay began."),
    _may("left_at", DateTime, "When it ended; null for the present stay."),
    _may("changed_by", String, "Who moved the deal here.", to=USER),
    _may("amount_base_at", MONEY, "Value of the deal then, in the base currency."),
    _need("is_initial", Boolean, "First stay of the deal.", default=False),
    _need("is_reconstructed", Boolean, "Not from a log: durations are not shown from it.", default=False),
    _need("is_backward", Boolean, "Entered from a later stage.", default=False),
)

PRODUCTS = _table(
    "products",
    "What is sold.",
    _key("product_id"),
    _may("sku", String, "Article number."),
    _need("name", String, "Name."),
    _may("category", String, "Category."),
    _may("category_path", String, "Category with the ones above it, separated by ` / `."),
    _may("list_price", MONEY, "List price, in `currency`."),
    _may("currency", String, "Currency (ISO 4217)."),
    _may("unit_cost", MONEY, "Cost of one unit, in `currency`."),
    _need("is_active", Boolean, "Still sold.", default=True),
    _need("is_service", Boolean, "A service, not goods.", default=False),
)

ORDERS = _table(
    "orders",
    "What customers bought. Tax is not part of `net`. Where a CRM holds invoices only, they are the orders "
    "(`document` = invoice); never both.",
    _key("order_id"),
    _need("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("opportunity_id", String, "Deal that led to it.", to=OPPORTUNITY),
    _may("owner_id", String, "Seller.", to=USER),
    _may("order_no", String, "Number that people use."),
    _need("status_raw", String, "Status as the source writes it.", default="confirmed"),
    _need("status", String, "Status.", values=ORDER_STATUSES, default="confirmed"),
    _need("ordered_at", DateTime, "When it was placed."),
    _may("cancelled_at", DateTime, "When it was cancelled."),
    _need("currency", String, "Currency (ISO 4217); an import fills in the base currency."),
    _may("fx_to_base", RATE, "Base currency for one unit of `currency`, on the day of the order."),
    _need("gross", MONEY, "Before discount, without tax; an import fills in net + discount."),
    _need("discount", MONEY, "Discount.", default=0),
    _need("net", MONEY, "gross - discount, without tax."),
    _need("tax", MONEY, "Tax.", default=0),
    _need("shipping", MONEY, "Shipping, not part of `net`.", default=0),
    _need("refunded", MONEY, "Refunded so far, without tax, in `currency`.", default=0),
    _may("net_base", MONEY, "`net` in the base currency; null where no rate is known."),
    _may("refunded_base", MONEY, "`refunded` in the base currency; null: refunded x fx_to_base."),
    _may("channel", String, "Channel of the order."),
    _may("campaign_id", String, "Campaign.", to=CAMPAIGN),
    _need("is_test", Boolean, "A trial order; such rows are never counted.", default=False),
    _need(
        "document",
        String,
        "What the row is. A credit note has a negative `net`: it lowers revenue on its own date and is no order.",
        values=ORDER_DOCUMENTS,
        default="order",
    ),
)

ORDER_ITEMS = _table(
    "order_items",
    "Lines of an order; section and note lines are left out.",
    _key("order_item_id"),
    _need("order_id", String, "Order.", to="orders.order_id"),
    _may("product_id", String, "Product.", to="products.product_id"),
    _may("description", String, "Text of the line."),
    _need("quantity", QUANTITY, "Quantity."),
    _need("unit_price", MONEY, "Price of one unit."),
    _need("discount", MONEY, "Discount of the line.", default=0),
    _need("net", MONEY, "Net of the line, without tax."),
    _may("net_base", MONEY, "The same in the base currency."),
    _may("refunded_quantity", QUANTITY, "Quantity returned."),
)

CAMPAIGNS = _table(
    "campaigns",
    "Marketing campaigns.",
    _key("campaign_id"),
    _need("name", String, "Name."),
    _may("type_raw", String, "Kind as the CRM writes it."),
    _need("channel", String, "Channel.", default="other"),
    _may("parent_id", String, "Campaign above.", to=CAMPAIGN),
    _may("status", String, "Status as the CRM writes it."),
    _may("starts_on", Date, "First day."),
    _may("ends_on", Date, "Last day."),
    _may("owner_id", String, "Who runs it.", to=USER),
    _may("expected_revenue_base", MONEY, "Expected revenue, in the base currency."),
    _may("objective", String, "What it is for."),
    _may("currency", String, "Currency (ISO 4217)."),
)

CAMPAIGN_MEMBERS = _table(
    "campaign_members",
    "One row per person and send of a campaign, held-out people included.",
    Column("campaign_id", String, ForeignKey(CAMPAIGN), primary_key=True, nullable=False, comment="Campaign."),
    _key("member_key", "The person: contact, lead or e-mail key."),
    _key("first_sent_at", "When it was sent, or would have been to a held-out person.", DateTime),
    _may("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("lead_id", String, "Lead.", to="leads.lead_id"),
    _may("email_key", String, "Key that joins one person across systems."),
    _may("variant", String, "Arm of the test."),
    _may("is_control", Boolean, "Held out on purpose; null when not recorded."),
    _may("assigned_at", DateTime, "When the arm was drawn."),
    _may("sent_at", DateTime, "Sent."),
    _may("delivered_at", DateTime, "Delivered."),
    _may("opened_at", DateTime, "First opened."),
    _may("clicked_at", DateTime, "First clicked."),
    _may("replied_at", DateTime, "First answered."),
    _may("bounced_at", DateTime, "Bounced."),
    _may("bounce_kind", String, "How it bounced.", values=("hard", "soft")),
    _may("unsubscribed_at", DateTime, "Unsubscribed."),
    _may("complained_at", DateTime, "Complained."),
    _may("converted_at", DateTime, "Converted, as the source records it."),
    _may("opens", Integer, "Times opened."),
    _may("clicks", Integer, "Times clicked."),
)

TOUCHPOINTS = _table(
    "touchpoints",
    "Moments at which somebody met the company, in order; a send that nobody opened is not one.",
    _key("touchpoint_id"),
    _may("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("lead_id", String, "Lead.", to="leads.lead_id"),
    _may("opportunity_id", String, "Deal.", to=OPPORTUNITY),
    _may("campaign_id", String, "Campaign.", to=CAMPAIGN),
    _need("channel", String, "Channel."),
    _need("kind", String, "What happened.", values=("email", "click", "form", "visit", "call", "event", "ad")),
    _need("occurred_at", DateTime, "When."),
    _may("weight", Float, "Weight that the source gives it."),
)

CAMPAIGN_COSTS = _table(
    "campaign_costs",
    "What campaigns cost, by day; budget and actual are different kinds.",
    Column("campaign_id", String, ForeignKey(CAMPAIGN), primary_key=True, nullable=False, comment="Campaign."),
    _key("cost_date", "Day.", Date),
    _key("kind", "What the money was for."),
    _need("amount", MONEY, "Cost, in `currency`."),
    _need("currency", String, "Currency (ISO 4217)."),
    _need("amount_base", MONEY, "Cost, in the base currency."),
    _need("is_planned", Boolean, "A budget, not money spent.", default=False),
)

INTERACTIONS = _table(
    "interactions",
    "Calls, meetings and messages; only done ones count as contact.",
    _key("interaction_id"),
    _need("kind", String, "What it was.", values=("call", "meeting", "email", "task", "note", "chat", "visit")),
    _may("direction", String, "Who began it.", values=("inbound", "outbound")),
    _may("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("opportunity_id", String, "Deal.", to=OPPORTUNITY),
    _may("lead_id", String, "Lead.", to="leads.lead_id"),
    _may("owner_id", String, "Who did it.", to=USER),
    _need("occurred_at", DateTime, "When."),
    _may("due_at", DateTime, "When it was due."),
    _may("done_at", DateTime, "When it was done."),
    _may("duration_s", Integer, "How long it took, in seconds."),
    _may("status", String, "Status as the CRM writes it."),
    _may("subject", String, "Subject."),
)

TICKETS = _table(
    "tickets",
    "Questions and complaints. Duplicates, spam and merged tickets are void and leave the counts.",
    _key("ticket_id"),
    _may("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("order_id", String, "Order that it is about.", to="orders.order_id"),
    _may("product_id", String, "Product that it is about.", to="products.product_id"),
    _may("subject", String, "Subject."),
    _may("category", String, "Cause, as the company names it."),
    _need("is_complaint", Boolean, "A complaint, not a question.", default=False),
    _may("channel", String, "Channel."),
    _may("priority", String, "Priority as the CRM writes it."),
    _need("status_raw", String, "Status as the CRM writes it.", default="open"),
    _need("status", String, "Status.", values=TICKET_STATUSES),
    _need("opened_at", DateTime, "When it came in."),
    _may("first_response_at", DateTime, "First answer by a person."),
    _may("resolved_at", DateTime, "Resolved."),
    _may("closed_at", DateTime, "Closed."),
    _may("reopened_count", Integer, "Times reopened."),
    _may("replies", Integer, "Answers sent."),
    _may("owner_id", String, "Who handles it.", to=USER),
    _may("team_id", String, "Team.", to="teams.team_id"),
    _may("sla_due_at", DateTime, "Promised by."),
    _may("sla_met", Boolean, "Promise kept."),
    _may("satisfaction", Float, "Rating of the handling, 0 to 1."),
)

TICKET_HISTORY = _table(
    "ticket_history",
    "One row per stay of a ticket in a status.",
    Column("ticket_id", String, ForeignKey("tickets.ticket_id"), primary_key=True, nullable=False, comment="Ticket."),
    _key("seq", "Order of the stays of one ticket, from 1.", Integer),
    _need("status", String, "Status.", values=TICKET_STATUSES),
    _need("entered_at", DateTime, "When the stay began."),
    _may("left_at", DateTime, "When it ended."),
)

SURVEYS = _table(
    "surveys",
    "Surveys and their scales. One survey is one wave.",
    _key("survey_id"),
    _need("name", String, "Name."),
    _need("kind", String, "What it measures.", values=("nps", "csat", "ces", "servqual", "custom")),
    _need("scale_min", Integer, "Lowest answer."),
    _need("scale_max", Integer, "Highest answer."),
    _may("asked_at", DateTime, "When it was sent out."),
    _may("trigger", String, "What it follows (a purchase, a ticket, a date)."),
)

SURVEY_RESPONSES = _table(
    "survey_responses",
    "One row per survey sent to somebody, answered or not.",
    _key("response_id"),
    _need("survey_id", String, "Survey.", to="surveys.survey_id"),
    _may("customer_id", String, "Customer.", to=CUSTOMER),
    _may("contact_id", String, "Person.", to=CONTACT),
    _may("ticket_id", String, "Ticket that it follows.", to="tickets.ticket_id"),
    _may("order_id", String, "Order that it follows.", to="orders.order_id"),
    _may("sent_at", DateTime, "Sent."),
    _may("responded_at", DateTime, "Answered; null: no answer."),
    _need("is_complete", Boolean, "Every question answered.", default=False),
    _may("language", String, "Language of the answer."),
    _may("comment", String, "Free text."),
    _may("channel", String, "Channel."),
)

SURVEY_ANSWERS = _table(
    "survey_answers",
    "One row per answered question.",
    Column(
        "response_id",
        String,
        ForeignKey("survey_responses.response_id"),
        primary_key=True,
        nullable=False,
        comment="Response.",
    ),
    _key("item_key", "Question."),
    _may(
        "dimension",
        String,
        "SERVQUAL dimension.",
        values=("tangibles", "reliability", "responsiveness", "assurance", "empathy"),
    ),
    _may("perspective", String, "SERVQUAL perspective.", values=("perception", "expectation")),
    _may("score", Float, "Answer, on the survey's scale."),
    _may("score_0_1", Float, "The same from 0 to 1, 1 the best."),
    _may("text", String, "Answer in words."),
)

LOYALTY_ACCOUNTS = _table(
    "loyalty_accounts",
    "Memberships of a loyalty programme.",
    _key("loyalty_id"),
    _need("customer_id", String, "Customer.", to=CUSTOMER),
    _may("program", String, "Programme."),
    _may("tier", String, "Present tier."),
    _need("joined_at", DateTime, "Joined."),
    _may("left_at", DateTime, "Left."),
    _may("points_balance", Float, "Points now."),
)

LOYALTY_LEDGER = _table(
    "loyalty_ledger",
    "Points earned and spent.",
    _key("entry_id"),
    _need("loyalty_id", String, "Membership.", to="loyalty_accounts.loyalty_id"),
    _need("occurred_at", DateTime, "When."),
    _need("points", Float, "Earned (+) or spent (-)."),
    _may("order_id", String, "Order.", to="orders.order_id"),
    _may("reason", String, "Why."),
)

TARGETS = _table(
    "targets",
    "What the company set out to reach.",
    _key("scope_type", "What the target is for: company, team, user, product or campaign."),
    _key("scope_id", "Which one; `company` for the whole company."),
    _key("metric", "Name of the metric."),
    _key("period_start", "First day.", Date),
    _need("period_end", Date, "Last day, included."),
    _need("value", Float, "Target, in the metric's own unit."),
    _may("currency", String, "Currency, for money."),
)

FX_RATES = _table(
    "fx_rates",
    "Exchange rates, each valid until the next. Direction is fixed: amount x rate = amount in the base currency.",
    _key("currency", "Currency (ISO 4217)."),
    _key("valid_from", "First day.", Date),
    _need("base_currency", String, "Base currency."),
    _need("rate_to_base", RATE, "Base currency for one unit."),
    _may("source", String, "Who published it."),
)

SETTINGS = Table(
    "settings",
    METADATA,
    Column("base_currency", String, nullable=False, comment="Currency that everything is reported in (ISO 4217)."),
    Column("timezone", String, nullable=False, comment="The company's time zone (IANA name)."),
    Column("fiscal_year_start_month", Integer, nullable=False, comment="First month of the fiscal year, 1 to 12."),
    Column("week_start", Integer, nullable=False, comment="First day of the week, 1 Monday to 7 Sunday."),
    Column("data_as_of", DateTime, nullable=True, comment="The data are complete up to this moment (UTC)."),
    comment="One row: every 'this month' depends on it.",
)

TABLES: dict[str, Table] = {table.name: table for table in METADATA.tables.values()}
PROVENANCE = ("source_system", "source_id", "updated_at")

# The moment at which a row of each table happened: nothing after the as-of moment is ever counted.
HAPPENED_AT: dict[str, str] = {
    "interactions": "occurred_at",
    "leads": "created_at",
    "loyalty_accounts": "joined_at",
    "loyalty_ledger": "occurred_at",
    "opportunities": "created_at",
    "orders": "ordered_at",
    "stage_history": "entered_at",
    "ticket_history": "entered_at",
    "tickets": "opened_at",
    "touchpoints": "occurred_at",
    "campaign_members": "first_sent_at",
}

# Moments that say when something was promised, planned or last written, or repeat another one.
NO_HAPPENING = ("updated_at", "due_at", "sla_due_at", "left_at", "asked_at")


def _happenings() -> dict[str, tuple[str, ...]]:
    """Tables and their moments at which something happened, the one in which a row came to be first."""
    found: dict[str, tuple[str, ...]] = {}
    for name in (*HAPPENED_AT, "survey_responses"):
        moments = [c.name for c in TABLES[name].columns if isinstance(c.type, DateTime) and c.name not in NO_HAPPENING]
        first = HAPPENED_AT.get(name)
        found[name] = tuple(sorted(moments, key=lambda one: one != first))
    return found


HAPPENINGS = _happenings()


def loose() -> MetaData:
    """The same tables without foreign keys, for files that are loaded in any order and may hold orphans."""
    metadata = MetaData()
    for table in TABLES.values():
        columns = [
            Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, comment=c.comment, info=c.info)
            for c in table.columns
        ]
        Table(table.name, metadata, *columns, comment=table.comment)
    return metadata
