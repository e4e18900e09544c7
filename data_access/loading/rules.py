"""What a load does with every fault it can meet: the one list behind the code, the log and docs/importing.md.

Actions:
    fatal         the load stops and the old file stays as it is
    quarantined   the row is moved to the table `quarantine`, whole, with the reason
    repaired      the cell is changed as the rule says; each one is listed in the table `repairs`
    kept          the cell stays, because the metrics know how to treat it; each one is listed in `repairs`
    derived       a value that the file left out is computed as docs/importing.md says; counted
    assumed       a setting that nobody gave was concluded from the data
    ignored       a file or column that no table knows, or rows that a mapping's `where` passes over; counted
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What happens to the row, cell or load."""

    FATAL = "fatal"
    QUARANTINED = "quarantined"
    REPAIRED = "repaired"
    KEPT = "kept"
    DERIVED = "derived"
    ASSUMED = "assumed"
    IGNORED = "ignored"
    COUNTED = "counted"


@dataclass(frozen=True)
class Rule:
    """One fault and what is done about it."""

    name: str
    action: Action
    fault: str
    treatment: str


_STOP = "The load stops; nothing is replaced."
_AWAY = "The row is moved to `quarantine`."

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("no_tables", Action.FATAL, "No file in the folder is named like a table.", _STOP),
        Rule("unreadable_file", Action.FATAL, "A file is not CSV, gzip or Parquet, or is damaged.", _STOP),
        Rule("not_utf8", Action.FATAL, "A CSV file is not written in UTF-8 (or in the encoding named).", _STOP),
        Rule("table_twice", Action.FATAL, "Two files hold the same table (`orders.csv` and `orders.csv.gz`).", _STOP),
        Rule("column_twice", Action.FATAL, "Two columns of a file have the same name.", _STOP),
        Rule(
            "required_column_missing",
            Action.FATAL,
            "A column that every row needs is not there and cannot be derived.",
            _STOP,
        ),
        Rule(
            "needed_table_missing",
            Action.FATAL,
            "Rows of a table belong to rows of another one that is not there (`order_items` without `orders`).",
            _STOP,
        ),
        Rule(
            "base_currency_unknown",
            Action.FATAL,
            "There are amounts in no currency or in several, and nobody says which one is reported in.",
            _STOP,
        ),
        Rule("setting_not_valid", Action.FATAL, "A setting is not what it should be (an unknown time zone).", _STOP),
        Rule(
            "too_many_quarantined",
            Action.FATAL,
            "More than a tenth of a table's rows would be quarantined (`--tolerate` sets the share).",
            _STOP,
        ),
        Rule(
            "column_unreadable",
            Action.FATAL,
            "More than that share of the values in a column cannot be read.",
            _STOP,
        ),
        Rule(
            "malformed_record",
            Action.QUARANTINED,
            "A record has too few or too many fields, or a quote is open.",
            _AWAY,
        ),
        Rule("missing_value", Action.QUARANTINED, "A cell that every row needs is empty.", _AWAY),
        Rule("unreadable_value", Action.QUARANTINED, "A cell that every row needs cannot be read as its type.", _AWAY),
        Rule(
            "implausible_date",
            Action.QUARANTINED,
            "A date that every row needs lies before 1970-01-02 or from 2200 on: other systems write 0001-01-01, "
            "1899-12-30, 1900-01-01, 1970-01-01 or 9999-12-31 for `none`.",
            _AWAY,
        ),
        Rule("unknown_code", Action.QUARANTINED, "A code that every row needs is not one of those permitted.", _AWAY),
        Rule(
            "unmapped_value",
            Action.QUARANTINED,
            "A value map of the mapping has no entry for a value, and no `*`, in a column that every row needs.",
            "The row is moved to `quarantine`: no default stands in for a word that nobody has translated.",
        ),
        Rule(
            "duplicate_row",
            Action.QUARANTINED,
            "A row repeats an earlier one, cell by cell.",
            "The first stays; the others are moved to `quarantine`.",
        ),
        Rule(
            "duplicate_key",
            Action.QUARANTINED,
            "A row has the key of another one and differs from it.",
            "The one with the latest `updated_at` stays, else the first; the others are moved to `quarantine`.",
        ),
        Rule(
            "unknown_reference",
            Action.QUARANTINED,
            "A row belongs to one that is not there (an order of an unknown customer), or that was quarantined itself.",
            _AWAY,
        ),
        Rule(
            "date_order",
            Action.QUARANTINED,
            "A deal closed before it was opened, a stay ended before it began, a target ends before it starts.",
            _AWAY,
        ),
        Rule(
            "after_as_of",
            Action.QUARANTINED,
            "A row happened after the moment up to which the data are complete (`data_as_of`).",
            _AWAY,
        ),
        Rule(
            "rate_not_usable", Action.QUARANTINED, "An exchange rate is not positive, or leads to another base.", _AWAY
        ),
        Rule(
            "left_out",
            Action.QUARANTINED,
            "A mapping sets rows aside on purpose (`leave_out`), under a name of its own.",
            "The row is moved to `quarantine`; it does not count towards `--tolerate`.",
        ),
        Rule(
            "unreadable_cleared",
            Action.REPAIRED,
            "A cell that may be empty, or that is filled from other tables (`first_seen_at`), cannot be read.",
            "The cell is emptied.",
        ),
        Rule(
            "implausible_cleared",
            Action.REPAIRED,
            "Such a date in a cell that may be empty, or that is filled from other tables.",
            "The cell is emptied.",
        ),
        Rule(
            "code_cleared", Action.REPAIRED, "A code that may be empty is not one of those permitted.", "It is emptied."
        ),
        Rule(
            "unmapped_cleared",
            Action.REPAIRED,
            "The same in a column that may be empty.",
            "The cell is emptied.",
        ),
        Rule(
            "code_spelling",
            Action.REPAIRED,
            "A code or currency is written in another case or with blanks around it (`Won `).",
            "It is written as the schema does.",
        ),
        Rule(
            "reference_cleared",
            Action.REPAIRED,
            "A cell that may be empty names a row that is not there (a seller who left the list).",
            "The cell is emptied; the row stays.",
        ),
        Rule(
            "date_order_cleared",
            Action.REPAIRED,
            "A later step lies before the first one (an answer before the question).",
            "The later step is emptied.",
        ),
        Rule(
            "out_of_range",
            Action.REPAIRED,
            "A probability or share is not between 0 and 1.",
            "The cell is emptied; divide percentages by 100 in a mapping.",
        ),
        Rule(
            "open_deal_closed",
            Action.REPAIRED,
            "An open deal has a closing moment.",
            "The moment is emptied; forecasts belong into `expected_close_date`.",
        ),
        Rule(
            "negative_order",
            Action.REPAIRED,
            "An order has a negative `net`.",
            "It becomes a credit note: it lowers revenue on its own date and is no order.",
        ),
        Rule(
            "credit_note_sign",
            Action.REPAIRED,
            "A credit note has a positive `net`.",
            "The signs of its amounts are turned, those of its lines too.",
        ),
        Rule(
            "refund_sign",
            Action.REPAIRED,
            "The `refunded` of an order is negative, as many systems write it.",
            "Its sign is turned: a refund lowers revenue.",
        ),
        Rule(
            "credit_note_refunded",
            Action.REPAIRED,
            "A credit note has a `refunded` amount too.",
            "It becomes 0: the credit note itself is the refund, which would count twice.",
        ),
        Rule(
            "later_than_as_of",
            Action.KEPT,
            "A later step of a row (a closing, an answer) lies after `data_as_of`.",
            "It stays; nothing after that moment is counted.",
        ),
        Rule(
            "refund_exceeds",
            Action.KEPT,
            "More was refunded than the order's `net` (often because tax or shipping is in it).",
            "It stays, and the order's revenue is negative; `refunded` counts without tax and shipping.",
        ),
        Rule(
            "cancelled_but_valid",
            Action.KEPT,
            "An order has a `cancelled_at`, and its `status` says that it counts.",
            "Both stay, and it counts; let a mapping make its status `cancelled` if it should not.",
        ),
        Rule(
            "items_differ",
            Action.KEPT,
            "The lines of an order do not add up to its `net`.",
            "Both stay. Lines are net like their order: without tax, and with their share of its discount taken off.",
        ),
        Rule("gross_differs", Action.KEPT, "`gross` - `discount` is not `net`.", "All three stay; metrics read `net`."),
        Rule(
            "rate_missing",
            Action.KEPT,
            "No rate leads from the row's currency to the base currency on its day.",
            "The amount in base currency stays empty; pages say how many rows are left out.",
        ),
        Rule("country_not_iso", Action.KEPT, "A country is not a two-letter code.", "It stays as written."),
        Rule("derived", Action.DERIVED, "A cell that the file leaves out can be computed.", "See the table below."),
        Rule("assumed", Action.ASSUMED, "A setting is not given.", "It is concluded from the data and said so."),
        Rule(
            "taken_as_utc",
            Action.ASSUMED,
            "Moments bear no offset, and the company's time zone is not UTC.",
            "They are taken as UTC; `to_utc` in a mapping reads them as local time.",
        ),
        Rule(
            "unknown_file",
            Action.IGNORED,
            "A file is named like no table.",
            "It is not read; the nearest name is said.",
        ),
        Rule(
            "unknown_column",
            Action.IGNORED,
            "A column is named like none of the table's.",
            "It is not read, unless its name begins with `x_`: such columns are kept as text.",
        ),
        Rule("passed_over", Action.IGNORED, "Rows that a mapping's `where` does not take.", "They are counted."),
        Rule("rows_read", Action.COUNTED, "Rows that the file, or the mapping's SELECT, gave.", "Counted."),
        Rule("rows_quarantined", Action.COUNTED, "Rows of those that were moved to `quarantine`.", "Counted."),
        Rule("rows_loaded", Action.COUNTED, "Rows in the table.", "Read, less quarantined, plus made up from others."),
    )
}


def markdown() -> str:
    """The list as the table in docs/importing.md."""
    lines = ["| rule | what is wrong | action | what is done |", "|---|---|---|---|"]
    lines += [f"| `{r.name}` | {r.fault} | {r.action.value} | {r.treatment} |" for r in RULES.values()]
    return "\n".join(lines)
