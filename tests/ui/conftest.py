"""A small demo company, made once in a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data_access.demo_company import made
from tests.worlds import engine, load_on, place, place_duckdb, place_sqlite, shelf, templates

__all__ = ["engine", "load_on", "place", "place_duckdb", "place_sqlite", "shelf", "templates"]


@pytest.fixture(scope="session")
def small_demo() -> Path:
    """The file of a demo company of about 800 customers."""
    return made(0.1)[0]
