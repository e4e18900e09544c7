"""The way to a database file is tried on both engines that keep one; the fixtures of tests/worlds.py.

What every engine spells in its own way is tried on all of them: such a test takes `any_engine`.
"""

import pytest

from tests.worlds import (
    FILES,
    PARAMETERS,
    SPARK,
    ask_world,
    load,
    load_on,
    place,
    place_duckdb,
    place_sqlite,
    shelf,
    templates,
)

__all__ = ["ask_world", "load", "load_on", "place", "place_duckdb", "place_sqlite", "shelf", "templates"]


@pytest.fixture(params=[pytest.param(name, id=name, marks=pytest.mark.engines) for name in FILES])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of each engine that keeps a database in a file, in turn."""
    return str(request.param)


@pytest.fixture(params=[*PARAMETERS, SPARK])
def any_engine(request: pytest.FixtureRequest) -> str:
    """The name of each engine in turn."""
    return str(request.param)
