"""Demo companies for tests: each is made once in a session, and asked with plain SQL."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from data_access.demo import DEFAULT_SEED, Truths, create_demo

# What every metric counts, written out once; a demo company's rows only.
VALID_ORDERS = """
    select orders.*, net_base - coalesce(refunded_base, refunded * fx_to_base) as revenue,
        timezone('Europe/Berlin', timezone('UTC', ordered_at)) as local_at,
        customers.region, customers.acquired_channel, customers.segment
    from orders join customers using (customer_id)
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and not is_own_company and merged_into_id is null and net_base is not null
        and ordered_at < (select data_as_of from settings)
"""


@cache
def folder() -> Path:
    """A folder that goes away with the session."""
    path = Path(tempfile.mkdtemp(prefix="demo-company-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def made(scale: float = 1.0, *, seed: int = DEFAULT_SEED, null: bool = False) -> tuple[Path, Truths]:
    """The file of a demo company, and what was planted in it."""
    path = folder() / f"{scale}-{seed}-{null}.duckdb"
    return path, create_demo(path, scale=scale, seed=seed, null=null)


class Company:
    """A demo company that can be asked."""

    def __init__(self, scale: float = 1.0, *, null: bool = False) -> None:
        self.path, self.truths = made(scale, null=null)
        self.connection = duckdb.connect(str(self.path), read_only=True)
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute(f"create temp view valid_orders as {VALID_ORDERS}")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, list(values)).fetchall()

    def row(self, query: str, *values: object) -> tuple[Any, ...]:
        return self.rows(query, *values)[0]

    def number(self, query: str, *values: object) -> Any:
        return self.row(query, *values)[0]
