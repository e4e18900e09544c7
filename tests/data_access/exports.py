"""Small exports of a made-up shop, written as files and loaded, for the tests of the import and the doctor."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from data_access.loading import Loaded, Order, load_folder

NOW = datetime(2026, 6, 18, 12)
PROVEN: dict[str, list[str]] = {}
CUSTOMERS = "customer_id,name,country\nC1,Ada,DE\nC2,Bo,FR\nC3,柯 一,CN\n"
ORDERS = (
    "order_id,customer_id,ordered_at,currency,net\n"
    "O1,C1,2026-01-05 10:00:00,EUR,100.00\n"
    "O2,C1,2026-02-05 10:00:00,EUR,50.50\n"
    "O3,C2,2026-03-05 10:00:00,EUR,20\n"
)
STAGES = "stage_id,name,position,outcome\nS1,New,1,open\nS2,Offer,2,open\nS3,Won,3,won\nS4,Lost,4,lost\n"
DEALS = (
    "opportunity_id,name,stage_id,amount,created_at,closed_at\n"
    "D1,First,S3,1000,2026-01-01 09:00:00,2026-02-01 09:00:00\n"
    "D2,Second,S1,500,2026-03-01 09:00:00,\n"
)


def proves(*rules: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Marks a test as the proof of rules, so that a rule without one is noticed."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        for rule in rules:
            PROVEN.setdefault(rule, []).append(test.__name__)
        return test

    return mark


def write(folder: Path, **tables: str | bytes) -> Path:
    """Write `orders="a,b\\n1,2\\n"` as orders.csv; `__` in a name is a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        path = folder / (name.replace("__", ".") if "__" in name else f"{name}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as a CSV file in which every cell is quoted."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


def load(folder: Path, into: Path | None = None, **options: Any) -> Loaded:
    """Load a folder as of a fixed day."""
    settings: dict[str, Any] = {
        key: options.pop(key) for key in ("base_currency", "timezone", "data_as_of") if key in options
    }
    target = into or folder.parent / f"{folder.name}.duckdb"
    return load_folder(Order(folder, target, settings=settings, **options), now=NOW)


def ask(loaded: Loaded | Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a finished file."""
    path = loaded if isinstance(loaded, Path) else loaded.target
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def one(loaded: Loaded | Path, sql: str) -> Any:
    """The single value of a finished file."""
    return ask(loaded, sql)[0][0]


def found(loaded: Loaded, rule: str) -> list[tuple[str, str, int]]:
    """Table, column and count of every entry of a rule."""
    return [(entry.table, entry.column, entry.count) for entry in loaded.entries if entry.rule == rule]
