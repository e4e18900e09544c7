"""The metric that CONTRIBUTING.md adds is a metric that works, to the letter."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import pytest

from data_access.calendar import Grain
from metrics import metric as registry
from tests.worlds import World, ask_world, engine, load, load_on, place, shelf, templates

__all__ = ["ask_world", "engine", "load", "load_on", "place", "shelf", "templates"]
BLOCKS = re.findall(r"```python\n(.*?)```", (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text("utf-8"), re.S)
WORLD = World(
    orders=[
        {"customer_id": "a", "ordered_at": "2026-01-05", "gross": 100, "discount": 10, "net": 90},
        {"customer_id": "b", "ordered_at": "2026-02-06", "gross": 300, "discount": 60, "net": 240, "channel": "web"},
    ]
)


@pytest.fixture
def discount_rate(monkeypatch: pytest.MonkeyPatch) -> registry.Metric:
    module = types.ModuleType("metrics.discount_rate")
    exec(compile(BLOCKS[0], "CONTRIBUTING.md", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, "metrics.discount_rate", module)
    metrics = {**registry.all_metrics(), "discount_rate": module.METRIC}
    monkeypatch.setattr(registry, "all_metrics", lambda: metrics)
    return module.METRIC


def test_the_example_metric_has_its_total_trend_and_groups(discount_rate, ask_world):
    total = ask_world(WORLD, "discount_rate", "2026-01-01..2026-03-01").result
    assert (total.value, total.n) == (70 / 400, 2)
    trend = ask_world(WORLD, "discount_rate", "2026-01-01..2026-03-01", shape="trend", grain=Grain.MONTH).result
    assert trend.frame["value"].tolist() == [0.1, 0.2]
    assert trend.frame["n"].tolist() == [1, 1]
    groups = ask_world(WORLD, "discount_rate", "2026-01-01..2026-03-01", by="channel").result
    assert groups.frame["n"].sum() == 2


def test_the_example_test_passes(discount_rate, ask_world):
    scope: dict = {}
    exec(compile(BLOCKS[1], "CONTRIBUTING.md", "exec"), scope)
    scope["test_a_tenth_given_away_is_a_tenth"](ask_world)
