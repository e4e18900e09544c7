"""Checks within one table: what is missing, repeated, out of order or out of range, and what is done about it.

All predicates of a table are counted in one pass; only those that find something are then listed row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime

from data_access.loading.cells import needs_reading
from data_access.loading.ledger import Entry
from data_access.loading.rules import RULES, Action
from data_access.loading.staging import OUT, TYPED, quoted
from data_access.loading.state import Load, Raw
from data_access.loading.typed import (
    filled_columns,
    has_spelling,
    keep_out_unmapped,
    list_spelled,
    list_unreadable,
    make_view,
    move_out,
    read_mark,
    spelled_mark,
    wanted_columns,
)
from data_access.mappings.functions import name_literal, text_literal
from data_access.mappings.queries import unmapped_mark
from data_access.schema import HAPPENED_AT, TABLES

# What cannot come before what: (table, earlier, later). The row goes where the fault makes it meaningless.
QUARANTINED_ORDER = (
    ("opportunities", "created_at", "closed_at"),
    ("stage_history", "entered_at", "left_at"),
    ("ticket_history", "entered_at", "left_at"),
    ("targets", "period_start", "period_end"),
)
CLEARED_ORDER = (
    ("leads", "created_at", "first_response_at"),
    ("leads", "created_at", "qualified_at"),
    ("leads", "created_at", "converted_at"),
    ("orders", "ordered_at", "cancelled_at"),
    ("tickets", "opened_at", "first_response_at"),
    ("tickets", "opened_at", "resolved_at"),
    ("tickets", "opened_at", "closed_at"),
    ("campaigns", "starts_on", "ends_on"),
    ("campaign_members", "sent_at", "delivered_at"),
    ("campaign_members", "sent_at", "opened_at"),
    ("campaign_members", "sent_at", "clicked_at"),
    ("campaign_members", "sent_at", "replied_at"),
    ("campaign_members", "sent_at", "bounced_at"),
    ("campaign_members", "sent_at", "unsubscribed_at"),
    ("loyalty_accounts", "joined_at", "left_at"),
)
SHARES = (
    ("pipelines_stages", "probability"),
    ("opportunities", "probability"),
    ("tickets", "satisfaction"),
    ("survey_answers", "score_0_1"),
)
TOLD_IN_FULL = ("unknown_reference", "rate_not_usable", "implausible_date")
LATER_MAY_LIE_AHEAD = ("updated_at", "due_at", "sla_due_at", "left_at")
COUNTED_STATUSES = ("confirmed", "partly_refunded")  # an order with one of these brings revenue
CENT = 0.01
MONEY_OF_ORDER = ("gross", "discount", "net", "tax", "shipping", "net_base", "refunded", "refunded_base")


@dataclass(frozen=True)
class Check:
    """A predicate over typed `t`; `became` is what a repair writes into `column`, `sets` all that it changes."""

    rule: str
    column: str
    condition: str
    became: str = "NULL"
    sets: Mapping[str, str] | None = None
    text: str = ""


@dataclass(frozen=True)
class Look:
    """What one pass over a table's typed rows found: counts by column, by check, and the last moment of each column."""

    there: Mapping[str, int]
    readable: Mapping[str, int]
    spelled: Mapping[str, int]
    filled: Mapping[str, int]
    checks: Sequence[tuple[Check, int]]
    last: Mapping[str, datetime]


def look(load: Load, raw: Raw, there: Mapping[str, int]) -> Look:
    """Everything that can be counted in one pass."""
    wanted = [column for column, _ in wanted_columns(raw)]
    marked = [column for column in wanted if needs_reading(column)]
    spelled = [column for column in wanted if has_spelling(column)]
    filled = [*filled_columns(load, raw, there)]
    checks = [*_missing(raw), *_order(raw.name), *_ranges(raw.name), *_meanings(load, raw.name)]
    moments = [column.name for column in raw.table.columns if isinstance(column.type, DateTime)]
    parts = [f"count(t.{read_mark(column)})" for column in marked]
    parts += [f"count(*) FILTER (WHERE t.{spelled_mark(column)})" for column in spelled]
    parts += [f"count(t.{name_literal(name)})" for name in filled]
    parts += [f"count(*) FILTER (WHERE {check.condition})" for check in checks]
    parts += [f"max(t.{name_literal(name)})" for name in moments]
    found = iter(load.connection.execute(f"SELECT {', '.join(parts)} FROM {load.typed[raw.name]} t").fetchone() or ())
    return Look(
        there=there,
        readable={**there, **{column.name: next(found) for column in marked}},
        spelled={column.name: next(found) for column in spelled},
        filled={name: next(found) for name in filled},
        checks=[(check, next(found)) for check in checks],
        last={name: moment for name in moments if (moment := next(found)) is not None},
    )


def judge(load: Load, raw: Raw, seen: Look, as_of: datetime | None) -> None:
    """Treat every fault that the pass has counted, and the repeated keys."""
    keep_out_unmapped(load, raw)
    if any(seen.readable[name] < count for name, count in seen.there.items()):
        seen = _treat_unreadable(load, raw, seen)
    for column, found in wanted_columns(raw):
        if seen.spelled.get(column.name):
            list_spelled(load, raw, column, found)
    _note_filled(load, raw, seen)
    late = [check for check in _moments(raw.name, as_of) if as_of and seen.last.get(check.column, as_of) > as_of]
    for check in [*(check for check, count in seen.checks if count), *late]:
        _treat(load, raw, check)
    _duplicates(load, raw)


def _treat_unreadable(load: Load, raw: Raw, seen: Look) -> Look:
    """List what cannot be read, then fill the emptied cells like those that were empty."""
    for column, found in wanted_columns(raw):
        if seen.readable[column.name] < seen.there[column.name]:
            list_unreadable(load, raw, column, found, seen.there[column.name])
    make_view(load, raw, seen.readable)
    return look(load, raw, seen.readable)


def _note_filled(load: Load, raw: Raw, seen: Look) -> None:
    """Write down how many cells each derivation or default has filled."""
    for name, meaning in filled_columns(load, raw, seen.readable).items():
        count = seen.filled.get(name, 0) - seen.readable.get(name, 0) - _unmapped(load, raw, name)
        load.ledger.note("derived", raw.name, name, max(count, 0), text=meaning)


def _unmapped(load: Load, raw: Raw, column: str) -> int:
    """How many cells are empty because a value map lacks their value; their rows are kept out."""
    if column not in raw.unmapped:
        return 0
    return load.count(f"SELECT count({name_literal(unmapped_mark(column))}) FROM {raw.relation}")[0]


def _treat(load: Load, raw: Raw, check: Check) -> None:
    source = f"FROM {load.typed[raw.name]} t JOIN {raw.relation} r ON r.rowid = t._id"
    inside = f"({check.condition}) AND t._id NOT IN (SELECT _id FROM {quoted(OUT, raw.name)})"
    if RULES[check.rule].action is Action.QUARANTINED:
        move_out(load, raw, source, inside, check.rule, check.column, check.text)
        return
    value = f"CAST(t.{name_literal(check.column)} AS VARCHAR)"
    kept = RULES[check.rule].action is Action.KEPT
    became = value if kept else f"CAST(({check.became}) AS VARCHAR)"
    load.ledger.cells(
        f"SELECT {raw.file_sql} AS file, {raw.row_sql} AS row, {value} AS value, {became} AS became {source} "
        f"WHERE {inside}",
        check.rule,
        raw.name,
        check.column,
    )
    if not kept:
        load.change(raw.name, check.sets or {check.column: check.became}, check.condition)


def _missing(raw: Raw) -> Iterator[Check]:
    for column in raw.table.columns:
        late = (raw.name, column.name) in (("customers", "first_seen_at"), ("contacts", "created_at"))
        if not column.nullable and not late:
            yield Check("missing_value", column.name, f"t.{name_literal(column.name)} IS NULL")


def _order(name: str) -> Iterator[Check]:
    for pairs, rule in ((QUARANTINED_ORDER, "date_order"), (CLEARED_ORDER, "date_order_cleared")):
        for table, earlier, later in pairs:
            if table == name:
                yield Check(rule, later, f"t.{later} < t.{earlier}")


def _ranges(name: str) -> Iterator[Check]:
    for table, column in SHARES:
        if table == name:
            yield Check("out_of_range", column, f"t.{column} NOT BETWEEN 0 AND 1")


def _meanings(load: Load, name: str) -> Iterator[Check]:
    """What a row says about itself that cannot be so."""
    if name == "opportunities":
        yield Check("open_deal_closed", "closed_at", "t.outcome = 'open' AND t.closed_at IS NOT NULL")
    if name == "customers":
        yield Check("country_not_iso", "country", "NOT regexp_full_match(t.country, '[A-Z]{2}')")
    if name == "fx_rates":
        base = text_literal(load.company.base_currency)
        itself = f"t.currency = {base} AND t.rate_to_base <> 1"
        unusable = f"t.rate_to_base <= 0 OR t.base_currency <> {base} OR ({itself})"
        text = f"rates must be positive and lead to {load.company.base_currency}"
        if load.company.stated_base not in ("", load.company.base_currency):
            text += f"; those without a base lead to {load.company.stated_base}, as the mapping or settings file states"
        yield Check("rate_not_usable", "rate_to_base", unusable, text=text)
    if name == "orders":
        yield Check("gross_differs", "gross", "abs(t.gross - t.discount - t.net) > 0.01")
        turned = {column: f"-t.{column}" for column in MONEY_OF_ORDER}
        yield Check("credit_note_sign", "net", "t.document = 'credit_note' AND t.net > 0", "-t.net", turned)
        yield Check("negative_order", "document", "t.net < 0 AND t.document <> 'credit_note'", "'credit_note'")
        yield from _refunds()
        yield Check("rate_missing", "net_base", "t.net_base IS NULL AND t.net IS NOT NULL")
    if name == "opportunities":
        yield Check("rate_missing", "amount_base", "t.amount_base IS NULL AND t.amount IS NOT NULL")


def _refunds() -> Iterator[Check]:
    """A refund is what was paid back of an order, written as a positive amount; a credit note is one itself."""
    note = "(t.document = 'credit_note' OR t.net < 0)"
    emptied = {"refunded": "0", "refunded_base": "0"}
    turned = {"refunded": "abs(t.refunded)", "refunded_base": "abs(t.refunded_base)"}
    yield Check("credit_note_refunded", "refunded", f"t.refunded <> 0 AND {note}", "0", emptied)
    yield Check("refund_sign", "refunded", f"t.refunded < 0 AND NOT {note}", "abs(t.refunded)", turned)
    yield Check("refund_exceeds", "refunded", f"abs(t.refunded) > t.net + {CENT} AND NOT {note}")
    still_counts = f"t.status IN {COUNTED_STATUSES}"
    yield Check("cancelled_but_valid", "cancelled_at", f"t.cancelled_at IS NOT NULL AND {still_counts}")


def _moments(name: str, as_of: datetime | None) -> Iterator[Check]:
    """Nothing can have happened after the data end."""
    if as_of is None:
        return
    limit = f"TIMESTAMP '{as_of.isoformat(sep=' ')}'"
    happened = HAPPENED_AT.get(name)
    if happened:
        yield Check("after_as_of", happened, f"t.{happened} > {limit}")
    for column in TABLES[name].columns:
        if isinstance(column.type, DateTime) and column.name not in (happened, *LATER_MAY_LIE_AHEAD):
            early = f" AND t.{happened} <= {limit}" if happened else ""
            yield Check("later_than_as_of", column.name, f"t.{column.name} > {limit}{early}")


def _duplicates(load: Load, raw: Raw) -> None:
    """Of rows with one key, the last updated stays, else the first; copies and rivals are told apart."""
    keys = [column.name for column in raw.table.primary_key.columns]
    if not keys:
        return
    names = ", ".join(f"t.{name_literal(key)}" for key in keys)
    rows = load.relation(raw.name)
    present = " AND ".join(f"t.{name_literal(key)} IS NOT NULL" for key in keys)
    groups = f"SELECT {names} FROM {rows} t WHERE {present} GROUP BY {names} HAVING count(*) > 1"
    rows_there, hashes = load.count(f"SELECT count(*), count(DISTINCT hash({names})) FROM {rows} t WHERE {present}")
    if rows_there == hashes or not load.count(f"SELECT count(*) FROM ({groups}) g")[0]:
        return  # as many different hashes as rows: no two keys are the same
    cells = ", ".join(f"t.{name_literal(column.name)}" for column in raw.table.columns)
    content = f"hash(row({cells}))"
    load.connection.execute(
        f"CREATE OR REPLACE TABLE stage.typed._copies AS SELECT t._id, "
        f"row_number() OVER w AS place, {content} = first_value({content}) OVER w AS same "
        f"FROM {rows} t JOIN ({groups}) g({', '.join(f'k{n}' for n in range(len(keys)))}) "
        f"ON {' AND '.join(f't.{name_literal(key)} = g.k{n}' for n, key in enumerate(keys))} "
        f"WINDOW w AS (PARTITION BY {names} ORDER BY t.updated_at DESC NULLS LAST, t._id)"
    )
    source = (
        f"FROM {quoted(TYPED, raw.name)} t JOIN {raw.relation} r ON r.rowid = t._id "
        "JOIN stage.typed._copies c ON c._id = t._id"
    )
    key = keys[0]
    move_out(load, raw, source, "c.place > 1 AND c.same", "duplicate_row", key)
    move_out(load, raw, source, "c.place > 1 AND NOT c.same", "duplicate_key", key)


def _hint(worst: Entry, about: str) -> str:
    """What led to most of the rows that are kept out."""
    if worst.rule.startswith("duplicate"):
        return about
    if worst.rule == "unmapped_value":
        return f"The value map has {worst.text}: add it. "
    return f"{worst.text[:1].upper()}{worst.text[1:]}. " if worst.rule in TOLD_IN_FULL and worst.text else ""


def refuse_too_many(load: Load, raw: Raw, about: str) -> str:
    """The sentence when too large a share of a table is quarantined; empty when it is not."""
    out = quoted(OUT, raw.name)
    count = load.count(f"SELECT count(DISTINCT _id) FROM {out}")[0] + raw.rejected
    rows = raw.rows + raw.rejected
    if not load.is_too_many(count, rows):
        return ""
    reasons = [entry for entry in load.ledger.entries if entry.table == raw.name and entry.action is Action.QUARANTINED]
    worst = max(reasons, key=lambda entry: entry.count)
    hint = _hint(worst, about)
    return (
        f"{raw.origin}: {count:,} of {rows:,} rows of `{raw.name}` would be quarantined, most by "
        f"`{worst.rule}` in `{worst.column}` ({worst.count:,}; {worst.example}). {hint}Mend the file, or allow it with "
        f"`--tolerate {min(1.0, count / rows + 0.005):.2f}`."
    )
