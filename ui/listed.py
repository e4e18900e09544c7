"""The customers, orders or deals behind a figure: a table in the viewer's words, and all of its rows as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from data_access.errors import ClienteleError
from i18n.words import Words
from metrics.answers import Answer
from metrics.filters import NONE
from metrics.listing import Listing, listing
from metrics.results import Breakdown, Trend
from ui import faults
from ui.export import csv_bytes
from ui.names import Names, names_of
from ui.words_of import cases

if TYPE_CHECKING:
    from ui.view import View

MAX_LISTED = 1000
AMOUNTS = ("revenue", "amount_base")
NAMED = {"owner_id": "owner", "team_id": "team"}  # shown by their name, not their number
Explanation = list[tuple[str, str]]


def can_list(answer: Answer) -> bool:
    """Whether there are rows to be listed behind an answer."""
    return listing(answer.metric.name) is not None


def listed(view: View, answer: Answer, part: Mapping[str, str], explanation: Explanation) -> None:
    """Draw the list behind a part of an answer (`{}`: all of it), from the select that counted it."""
    rows_of = listing(answer.metric.name)
    assert rows_of is not None
    try:
        frame, total = rows_of(view.source, answer.question, part, MAX_LISTED)
    except ClienteleError as fault:
        faults.box(faults.sentence(fault, view.words))
        return
    if frame.empty:
        faults.box(view.words("panel.empty.no_rows"))
        return
    said = how_many(answer, part, len(frame), total, view.words)
    st.html(f'<p class="notes" role="status">{faults.escape(said)}</p>')
    st.dataframe(
        in_words(frame, view.words, answer.timezone, names_of(view)),
        hide_index=True,
        alt=said,
        key=f"list-{answer.metric.name}",
        column_config=_formats(frame, view.words),
    )
    _download(view, answer, part, rows_of, total, explanation)


def how_many(answer: Answer, part: Mapping[str, str], shown: int, total: int, words: Words) -> str:
    """How many rows there are, what they count where that is something else, and how many are shown."""
    rows, n = words.count("panel.counted.rows", total), counted(answer, part)
    if n not in (None, total):
        rows = words("panel.counted_from", counted=cases(answer, words, n), rows=rows)
    return words("panel.list_first_rows", shown=shown, rows=rows) if total > shown else rows


def counted(answer: Answer, part: Mapping[str, str]) -> int | None:
    """How many cases the answer counts in a part of it; None where it does not say."""
    result = answer.result
    if result is None or not part:
        return result.n if result else None
    frame = result.frame
    if isinstance(result, Breakdown) and "group" in part:
        rows = frame[frame["group"].astype(object).where(frame["group"].notna(), NONE).astype(str) == part["group"]]
    elif isinstance(result, Trend) and "from" in part:
        rows = frame[frame["period"].astype(str).str[:10] == part["from"][:10]]
    else:
        return None
    return int(rows["n"].iloc[0]) if len(rows) == 1 else None


def _download(
    view: View, answer: Answer, part: Mapping[str, str], rows_of: Listing, total: int, explanation: Explanation
) -> None:
    def data() -> bytes:
        frame, _ = rows_of(view.source, answer.question, part, total)
        return csv_bytes(frame, explanation, AMOUNTS)

    st.download_button(
        view.words("panel.download"),
        data=data,
        file_name=f"{answer.metric.name}_list.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download-list-{answer.metric.name}",
    )


def in_words(frame: pd.DataFrame, words: Words, timezone: str, names: Names) -> pd.DataFrame:
    """The frame with heads, moments, codes and owners in the viewer's words; numbers stay numbers, to be sorted."""
    return pd.DataFrame(
        {head(str(name), words): _values(frame[name], words, timezone, names) for name in frame.columns}
    )


def head(name: str, words: Words) -> str:
    """The head of a column of a list; an owner's or team's number is shown as the owner or team."""
    name = NAMED.get(name, name)
    return words(f"panel.list_column.{name}") if words.has(f"panel.list_column.{name}") else name


def _values(column: pd.Series, words: Words, timezone: str, names: Names) -> Any:
    if pd.api.types.is_datetime64_any_dtype(column):
        return [
            words.numbers.dash if pd.isna(at) else words.numbers.moment(at.to_pydatetime(), timezone) for at in column
        ]
    if column.name in NAMED:
        known = names.get(NAMED[str(column.name)], {})
        return [known.get(str(value), value) for value in column]
    if column.name in ("outcome", "is_order", "is_unpriced", "lost"):
        return [_coded(str(column.name), value, words) for value in column]
    return column


def _coded(column: str, value: Any, words: Words) -> str:
    if column == "outcome":
        key = f"stage.{value}"
    elif column == "is_order":
        key = f"panel.kind.{'order' if value == 1 else 'credit_note'}"
    else:
        key = f"app.{'yes' if value == 1 else 'no'}"
    return words(key) if words.has(key) else str(value)


def _formats(frame: pd.DataFrame, words: Words) -> dict[str, Any]:
    formats = dict.fromkeys(AMOUNTS, "%.2f") | {"days": "%.1f"}
    return {
        head(name, words): st.column_config.NumberColumn(format=text) for name, text in formats.items() if name in frame
    }
