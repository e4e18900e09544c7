"""An answer as plain text for a terminal: a head, the rows with their units, what has to be said about them.

Days are written as 2026-03-31, ratios in percent, money with thousands in the currency that the heading names; two ends
of an interval stand in one column. A column without any value is named under the table instead of being drawn; of two
comparisons the one asked for is drawn. JSON and CSV leave nothing out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from i18n.numbers import as_local, currency_decimals, is_missing
from i18n.words import Words
from metrics.answers import Answer
from metrics.columns import differs_by_row, unit_in_row, unit_of
from metrics.filters import NONE
from metrics.metric import Unit
from metrics.periods import Comparison, Span
from metrics.results import Kpis, Result, Total

GAP = "  "
DIFFERENCES = {
    f"{kind}{name}"
    for kind in ("", *(f"{each.value}_" for each in Comparison))
    for name in ("change", "change_low", "change_high")
}
NAMED = ("group", "part")  # where nothing is recorded these say so
ALWAYS = (*NAMED, "value")
IN_HEAD = ("period", "period_end", "unit")  # of totals: the head says them
AGAINST = {"previous": "the period before", "year": "the same period a year before"}
Columns = dict[str, list[str]]  # by heading, a text per row


def as_text(answer: Answer, notes: Sequence[str], words: Words) -> str:
    """Head, rows and notes, with an empty line between them."""
    result = answer.result
    assert result is not None
    parts = [head(answer, words)]
    if len(result.frame):
        columns, empty = drawn(answer, words)
        parts.append(_upright(columns) if len(result.frame) == 1 else _lines(columns, _is_text(answer, columns)))
        parts += [f"Without a value: {', '.join(empty)}"] if empty else []
    parts += ["\n".join(f"- {text}" for text in notes)] if notes else []
    return "\n\n".join(parts)


# -- the head -------------------------------------------------------------------------------------------------------
def head(answer: Answer, words: Words) -> str:
    """Metric, unit and period; what it is compared with; as of when; how many cases; what was chosen."""
    metric, filters, result = answer.metric, answer.question.filters, answer.result
    assert result is not None
    unit = answer.currency if metric.unit is Unit.MONEY else metric.unit.value
    named = words(f"metric.{metric.name}.name") + ("" if metric.unit is Unit.TEXT else f" ({unit})")
    said = [f"{named}, {words.numbers.dates(filters.period.start, filters.period.end)}"]
    then = span_compared(result, filters.comparison)
    if then is not None:
        against = words.numbers.dates(then.period.start, _last_day(then, answer.timezone) + timedelta(days=1))
        said.append(
            f"compared with {AGAINST[filters.comparison.value]}, {against}{_baseline(result.frame, filters.comparison)}"
        )
    said.append(f"as of {words.numbers.moment(answer.as_of, answer.timezone)} {answer.timezone}")
    said.append(f"n = {words.numbers.count(result.n)}")
    chosen = [f"{name} = {' or '.join(values)}" for name, values in filters.where if name in metric.filters]
    return "; ".join([*said, *chosen])


def span_compared(result: Result, kind: Comparison) -> Span | None:
    """The span that an answer is compared with; None when nothing is compared."""
    first = next(iter(result.totals.values()), None) if isinstance(result, Kpis) else result
    item = first.compared(kind) if isinstance(first, Total) else getattr(first, "compared", None)
    found = getattr(item, "then", None) or getattr(first, "then", None)
    return found if isinstance(found, Span) else None


def _last_day(span: Span, timezone: str) -> date:
    """The last day of which a span has a moment."""
    return max(span.period.start, as_local(span.end - timedelta(microseconds=1), timezone).date())


def _baseline(frame: pd.DataFrame, kind: Comparison) -> str:
    """A word where no row could be compared."""
    name = "verdict" if "verdict" in frame else f"{kind.value}_verdict"
    return " (no baseline)" if len(frame) and name in frame and (frame[name] == "no_baseline").all() else ""


# -- the rows -------------------------------------------------------------------------------------------------------
def drawn(answer: Answer, words: Words) -> tuple[Columns, list[str]]:
    """The columns that have a value, by heading, and the names of those that have none."""
    result = answer.result
    assert result is not None
    frame = result.frame
    names = [str(name) for name in frame.columns]
    if isinstance(result, Total | Kpis):
        kinds = {kind.value for kind in Comparison} - {answer.question.filters.comparison.value}
        said = (*IN_HEAD, *(f"{kind.value}_period" for kind in Comparison))
        names = [name for name in names if name not in said and name.partition("_")[0] not in kinds]
    empty = [name for name in names if name not in ALWAYS and all(_is_blank(value) for value in frame[name])]
    rows = frame.to_dict("records")
    columns: Columns = {}
    for name in names:
        high = _high_end(name)
        if name in empty or (_low_end(name) in names and _low_end(name) not in empty):
            continue
        both = bool(high) and high in names and high not in empty
        heading = _interval_heading(name) if both else name
        columns[_heading(heading, answer, name)] = [
            _ends(row[name], row[high], name, row, answer, words) if both else _cell(row, name, answer, words)
            for row in rows
        ]
    return columns, empty


def _is_blank(value: Any) -> bool:
    return is_missing(value) or value == ""


def _high_end(name: str) -> str:
    return f"{name[:-3]}high" if name == "low" or name.endswith("_low") else ""


def _low_end(name: str) -> str:
    return f"{name[:-4]}low" if name == "high" or name.endswith("_high") else ""


def _interval_heading(name: str) -> str:
    """low and high are `low to high`, change_low and change_high `change_low to high`."""
    return f"{name} to high"


def _heading(text: str, answer: Answer, name: str) -> str:
    """The name of a column, with the currency or the days that its cells leave out."""
    assert answer.result is not None
    if differs_by_row(answer.metric, answer.result, name):
        return text
    unit = unit_of(answer.metric, name)
    named = {Unit.MONEY: answer.currency, Unit.DAYS: "" if "days" in name else "days"}.get(unit, "")
    return f"{text} ({named})" if named else text


def _ends(low: Any, high: Any, name: str, row: Mapping[Any, Any], answer: Answer, words: Words) -> str:
    if is_missing(low) and is_missing(high):
        return words.numbers.dash
    return f"{_cell({**row, name: low}, name, answer, words)} to {_cell({**row, name: high}, name, answer, words)}"


def _cell(row: Mapping[Any, Any], name: str, answer: Answer, words: Words) -> str:
    """One cell; its currency beside it where the rows have units of their own."""
    value, result = row[name], answer.result
    assert result is not None
    if is_missing(value):
        return NONE if name in NAMED else words.numbers.dash
    unit = unit_in_row(answer.metric, result, name, row)
    if unit is Unit.RATIO and name in DIFFERENCES:
        return words.numbers.points(value)
    text = shown(value, unit, words, answer.currency)
    return f"{text} {answer.currency}" if unit is Unit.MONEY and differs_by_row(answer.metric, result, name) else text


def shown(value: Any, unit: Unit, words: Words, currency: str) -> str:
    """A value that is there, by its unit; money without its currency."""
    numbers = words.numbers
    if unit is Unit.DATE:
        return pd.Timestamp(value).date().isoformat()
    if unit is Unit.FLAG:
        return "yes" if value else "no"
    if unit is Unit.TEXT:
        return str(value).replace("\n", " ") or numbers.dash
    if unit is Unit.MONEY:
        return numbers.number(value, currency_decimals(currency))
    if unit is Unit.RATIO:
        return numbers.ratio(value)
    return numbers.count(value) if unit is Unit.COUNT else numbers.number(value, 2 if unit is Unit.NUMBER else 1)


# -- the lines ------------------------------------------------------------------------------------------------------
def _upright(columns: Columns) -> str:
    """One row from top to bottom."""
    widest = max(_width(name) for name in columns)
    return "\n".join(f"{_padded(name, widest)}{GAP}{cells[0]}" for name, cells in columns.items())


def _lines(columns: Columns, is_text: Sequence[bool]) -> str:
    """Rows below each other under their headings; figures to the right, words to the left."""
    table = [list(columns), *zip(*columns.values(), strict=True)]
    widths = [max(_width(row[place]) for row in table) for place in range(len(columns))]
    return "\n".join(
        GAP.join(
            _padded(cell, width, is_left) for cell, width, is_left in zip(row, widths, is_text, strict=True)
        ).rstrip()
        for row in table
    )


def _is_text(answer: Answer, columns: Columns) -> list[bool]:
    texts = {Unit.TEXT, Unit.DATE, Unit.FLAG}
    assert answer.result is not None
    return [
        not differs_by_row(answer.metric, answer.result, name) and unit_of(answer.metric, name) in texts
        for name in (heading.split(" ")[0] for heading in columns)
    ]


def _padded(text: str, width: int, is_left: bool = True) -> str:
    space = " " * (width - _width(text))
    return text + space if is_left else space + text


def _width(text: str) -> int:
    """How many places a text takes: Chinese characters take two."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text if not unicodedata.combining(sign)
    )
