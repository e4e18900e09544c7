"""Two companies that the tests of the sales metrics share, and the same numbers by hand-written SQL.

`SOLD` sells something else in each month of 2026, few enough to be counted by eye. `tests.company.company()` is larger;
`by_hand` runs plain SQL on its raw tables, with the company's rules written out once more.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from data_access.source import Source
from metrics.periods import Comparison
from tests.worlds import World, ask_source

# -- one fact a month -----------------------------------------------------------------------------------------------
FACTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "01": ("one order", [{"customer_id": "ann", "ordered_at": "2026-01-02", "net": 120}]),
    "02": ("nobody", []),
    "03": (
        "the first and the last moment",
        [
            {"customer_id": "ann", "ordered_at": "2026-03-01", "net": 1},
            {"customer_id": "bea", "ordered_at": "2026-03-31 23:59:59.999999", "net": 2},
        ],
    ),
    "04": ("midnight after the last day", [{"customer_id": "ann", "ordered_at": "2026-04-01", "net": 4}]),
    "05": (
        "a customer seen twice",
        [{"customer_id": "ann", "net": 10}, {"customer_id": "ann", "net": 20}, {"customer_id": "bea", "net": 30}],
    ),
    "06": (
        "a credit note",
        [{"customer_id": "ann", "net": 100}, {"customer_id": "cid", "net": -30, "document": "credit_note"}],
    ),
    "07": (
        "refunded in part",
        [
            {"customer_id": "ann", "net": 100, "refunded": 25},
            {"customer_id": "bea", "net": 100, "refunded": 50, "refunded_base": 40},
        ],
    ),
    "08": (
        "a foreign currency with a rate",
        [
            {"customer_id": "ann", "net": 200, "currency": "USD", "fx_to_base": 0.5, "net_base": None, "refunded": 10},
            {"customer_id": "bea", "net": 200, "currency": "USD", "fx_to_base": 0.5, "net_base": 90},
        ],
    ),
    "09": (
        "a foreign currency without a rate",
        [{"customer_id": "ann", "net": 999, "currency": "CNY"}, {"customer_id": "bea", "net": 50}],
    ),
    "10": (
        "what does not count",
        [
            {"customer_id": "ann", "status": "draft"},
            {"customer_id": "ann", "status": "cancelled"},
            {"customer_id": "ann", "status": "refunded", "refunded": 100},
            {"customer_id": "ann", "is_test": True},
            {"customer_id": "ann", "is_test": True, "document": "credit_note", "net": -7},
            {"customer_id": "ann", "status": "cancelled", "document": "credit_note", "net": -7},
        ],
    ),
    "11": (
        "the base currency without a rate",
        [{"customer_id": "dan", "net": 70, "fx_to_base": None, "net_base": None, "refunded": 20}],
    ),
    "12": (
        "discount, tax and shipping",
        [{"customer_id": "ann", "gross": 100, "discount": 10, "net": 90, "tax": 19, "shipping": 5}],
    ),
}
MONTHS_OF_SOLD = [f"2026-{month}" for month in FACTS]


def sold() -> World:
    """The company that sells something else in each month."""
    orders = [{"ordered_at": f"2026-{month}-15 12:00", **row} for month, (_, rows) in FACTS.items() for row in rows]
    return World(orders=orders)


def expected(values: dict[str, tuple[float | None, int]]) -> Any:
    """A parameter per month: month, value, n; its name is the fact."""
    assert list(values) == list(FACTS)
    return pytest.mark.parametrize(
        ("month", "value", "n"),
        [pytest.param(f"2026-{m}", *pair, id=FACTS[m][0].replace(" ", "-")) for m, pair in values.items()],
    )


def agrees(found: float, value: float | None) -> bool:
    """A figure is what was expected; None means that there is none."""
    return pd.isna(found) if value is None else found == pytest.approx(value)


# -- the same by hand -----------------------------------------------------------------------------------------------
SALE = """
WITH sale AS (
    SELECT order_id, ordered_at, channel, owner_id,
        CASE WHEN customer_id IN ('old_1', 'old_2') THEN 'c01' ELSE customer_id END AS customer_id,
        CASE WHEN document = 'credit_note' THEN 0 ELSE 1 END AS is_order,
        net_base - COALESCE(refunded_base, refunded * fx_to_base, 0) AS revenue
    FROM orders
    WHERE (status = 'confirmed' OR status = 'partly_refunded') AND NOT is_test AND customer_id <> 'us'
), asked AS (
    SELECT sale.*, c.region, c.segment, c.country
    FROM sale JOIN customers c ON c.customer_id = sale.customer_id
    WHERE ordered_at >= '{start}' AND ordered_at < '{end}'
)
"""
# The months of Berlin from July 2025 to June 2026, as UTC; the last one ends with the data.
MONTHS = (
    ("2025-07-01", "2025-06-30 22:00:00.000000", "2025-07-31 22:00:00.000000"),
    ("2025-08-01", "2025-07-31 22:00:00.000000", "2025-08-31 22:00:00.000000"),
    ("2025-09-01", "2025-08-31 22:00:00.000000", "2025-09-30 22:00:00.000000"),
    ("2025-10-01", "2025-09-30 22:00:00.000000", "2025-10-31 23:00:00.000000"),
    ("2025-11-01", "2025-10-31 23:00:00.000000", "2025-11-30 23:00:00.000000"),
    ("2025-12-01", "2025-11-30 23:00:00.000000", "2025-12-31 23:00:00.000000"),
    ("2026-01-01", "2025-12-31 23:00:00.000000", "2026-01-31 23:00:00.000000"),
    ("2026-02-01", "2026-01-31 23:00:00.000000", "2026-02-28 23:00:00.000000"),
    ("2026-03-01", "2026-02-28 23:00:00.000000", "2026-03-31 22:00:00.000000"),
    ("2026-04-01", "2026-03-31 22:00:00.000000", "2026-04-30 22:00:00.000000"),
    ("2026-05-01", "2026-04-30 22:00:00.000000", "2026-05-31 22:00:00.000000"),
    ("2026-06-01", "2026-05-31 22:00:00.000000", "2026-06-18 16:00:00.000001"),
)
YEAR, YEAR_START, YEAR_END = "2025-07-01..2026-07-01", MONTHS[0][1], MONTHS[-1][2]


def by_hand(source: Source, sql: str, start: str, end: str, where: str = "TRUE") -> tuple[float, int]:
    """Value and n of a hand-written statement with {start}, {end} and {where}."""
    with source.base.reading() as (engine, _), engine.connect() as connection:
        statement = sql.replace("{start}", start).replace("{end}", end).replace("{where}", where)
        value, n = connection.execute(text(statement.replace(":", r"\:"))).one()
    return (float("nan") if value is None else float(value)), int(n or 0)


def check_total(source: Source, metric: str, sql: str) -> None:
    """The year, and the year before it, are what the statement gives."""
    answer = ask_source(source, metric, YEAR, comparison="year").result
    value, n = by_hand(source, sql, YEAR_START, YEAR_END)
    assert n > 10
    assert (answer.value, answer.n) == (pytest.approx(value, nan_ok=True), n)
    value, n = by_hand(source, sql, "2024-06-30 22:00:00.000000", "2025-06-18 16:00:00.000001")
    before = answer.compared(Comparison.YEAR)
    assert (before.value, before.n) == (pytest.approx(value, nan_ok=True), n)


def check_trend(source: Source, metric: str, sql: str) -> None:
    """Every month is what the statement gives; the last one is unfinished."""
    frame = ask_source(source, metric, YEAR, shape="trend").result.frame
    assert [f"{day:%Y-%m-%d}" for day in frame["period"]] == [first for first, _, _ in MONTHS]
    assert frame["is_complete"].tolist() == [True] * 11 + [False]
    for (first, start, end), row in zip(MONTHS, frame.to_dict("records"), strict=True):
        value, n = by_hand(source, sql, start, end)
        assert (row["value"], row["n"]) == (pytest.approx(value, nan_ok=True, rel=1e-12, abs=1e-9), n), (
            first,
            row["value"],
            value,
        )


def check_groups(source: Source, metric: str, sql: str, dimension: str, column: str) -> None:
    """Every group of a dimension is what the statement gives, now and before, and no other group is there."""
    frame = ask_source(source, metric, YEAR, by=dimension, comparison="year").result.frame
    assert len(frame) > 2
    assert not frame["group"].duplicated().any()
    counted = 0
    for row in frame.to_dict("records"):
        where = f"{column} IS NULL" if pd.isna(row["group"]) else f"{column} = '{row['group']}'"
        value, n = by_hand(source, sql, YEAR_START, YEAR_END, where)
        assert (row["value"], row["n"]) == (pytest.approx(value, nan_ok=True, abs=1e-9), n), row["group"]
        value, n = by_hand(source, sql, "2024-06-30 22:00:00.000000", "2025-06-18 16:00:00.000001", where)
        assert row["compared_n"] == n, row["group"]
        counted += row["n"]
    assert counted >= by_hand(source, sql, YEAR_START, YEAR_END)[1]
