"""A small demo company, made once in a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data_access.demo_company import made


@pytest.fixture(scope="session")
def small_demo() -> Path:
    """The file of a demo company of about 800 customers."""
    return made(0.1)[0]
