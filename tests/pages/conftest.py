"""Databases of every state in which a page may find one, each written once in a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from data_access.schema import TABLES
from tests.data_access.demo_company import made
from tests.pages.walk import Page, open_page
from tests.worlds import Place, World, templates

__all__ = ["templates"]

Write = Callable[[World], str]


def only(*tables: str) -> tuple[str, ...]:
    """The tables that a company with no others is without."""
    return tuple(sorted(set(TABLES) - set(tables)))


ONE = World(
    customers=[{"customer_id": "c1", "name": "清川商贸", "region": "北方", "country": "CN", "segment": "企业"}],
    orders=[{"customer_id": "c1", "ordered_at": "2026-11-05 10:00", "net": 120, "lines": [("茶叶", 120)]}],
    opportunities=[{"customer_id": "c1", "stages": [("lead", "2026-11-02"), ("won", "2026-11-05")]}],
    settings={"timezone": "Asia/Shanghai", "base_currency": "CNY", "data_as_of": "2026-12-01"},
)
SOME_ORDERS = [
    {"customer_id": f"c{i % 7}", "ordered_at": f"2026-{1 + i % 12:02}-{1 + i % 27:02}", "net": 40 + i}
    for i in range(90)
]
SOME_DEALS = [
    {
        "outcome": "won" if i % 3 else "lost",
        "created_at": f"2026-{1 + i % 9:02}-03",
        "closed_at": f"2026-{2 + i % 9:02}-05",
    }
    for i in range(90)
]


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Write:
    """Writes a world as a DuckDB file and gives its path."""
    place = Place("duckdb", tmp_path_factory.mktemp("companies"), templates)
    return lambda world: place.write(world).split(":///")[1]


@pytest.fixture(scope="session")
def small_demo() -> str:
    """A demo company of about 800 customers."""
    return str(made(0.1)[0])


@pytest.fixture(scope="session")
def source_of(write: Write, small_demo: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """source_of(name of a state) -> what the app is told to read."""
    folder = tmp_path_factory.mktemp("states")
    (folder / "notes.duckdb").write_text("These are not the rows you are looking for.\n" * 100)
    sources = {
        "demo": lambda: small_demo,
        "one customer": lambda: write(ONE),
        "empty": lambda: write(World()),
        "only orders": lambda: write(World(orders=SOME_ORDERS, without=only("orders"))),
        "only opportunities": lambda: write(World(opportunities=SOME_DEALS, without=only("opportunities"))),
        "missing": lambda: str(folder / "gone.duckdb"),
        "not a database": lambda: str(folder / "notes.duckdb"),
        "a folder": lambda: str(folder),
    }
    written: dict[str, str] = {}

    def find(name: str) -> str:
        if name not in written:
            written[name] = sources[name]()
        return written[name]

    return find


@pytest.fixture(scope="session")
def opened(source_of: Callable[[str], str]) -> Callable[[str, str, str], Page]:
    """opened(page, language, state of the database): for tests that only read; each is opened once."""
    return cache(lambda name, language, state: open_page(name, language, source_of(state)))
