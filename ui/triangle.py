"""The triangle of cohorts as a table whose cells open the list of customers behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from charts.chart import Key
from charts.cohorts import TriangleTable, triangle_table
from metrics.answers import Answer
from metrics.results import Triangle
from ui.panel import pick, picking_key

if TYPE_CHECKING:
    from ui.view import View

ROW, HEAD, MOST_ROWS = 32, 38, 26


def triangle(view: View, key: str, title: str, answer: Answer) -> tuple[str, ...]:
    """The body of a panel: every cell with its number; a click lists its customers."""
    assert isinstance(answer.result, Triangle)
    result, look = answer.result, ("triangle", view.words.language, view.theme)
    table = answer.once(look, lambda: triangle_table(result, view.words, view.theme))
    event = st.dataframe(
        table.frame.style.apply(lambda _: table.css, axis=None),
        key=picking_key(key),
        on_select="rerun",
        selection_mode="single-cell",
        row_height=ROW,
        height=HEAD + ROW * min(len(table.frame), MOST_ROWS),
        column_config=_columns(table),
        alt=title,
    )
    pick(view, key, title, answer, _cell(table, event.selection.cells if event else []))
    return (view.words("page.retention.click"), *table.notes)


def _columns(table: TriangleTable) -> dict[str, Any]:
    """Columns as narrow as their texts: a phone shows several ages, and other cohorts do not shift them."""
    names = ("_index", *table.frame.columns)
    return {name: st.column_config.Column(width=width) for name, width in zip(names, table.widths, strict=True)}


def _cell(table: TriangleTable, cells: list[tuple[int, str]]) -> Key | None:
    """Group, cohort and age of the clicked cell, None where there is no list behind it."""
    if not cells or cells[0][1] not in table.frame.columns:
        return None
    row, column = int(cells[0][0]), list(table.frame.columns).index(cells[0][1])
    found = table.cell(row, column)
    return None if found is None else (None, *found)
