"""Metrics are asked on every engine (the fixtures of tests/worlds.py), of two companies that most tests look at."""

import pytest

from data_access.source import open_source
from tests.company import company
from tests.metrics.sold import sold
from tests.worlds import ask_world, engine, load, load_on, place, place_duckdb, place_sqlite, shelf, templates

__all__ = ["ask_world", "engine", "load", "load_on", "place", "place_duckdb", "place_sqlite", "shelf", "templates"]


@pytest.fixture
def seller(engine, shelf):
    """The company that can be counted by eye."""
    return open_source(shelf(engine, "sold", sold))


@pytest.fixture
def source(engine, shelf):
    """The larger company."""
    return open_source(shelf(engine, "company", company))
