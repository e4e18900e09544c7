"""The metric that CONTRIBUTING.md adds is a metric that works, to the letter."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import types
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from charts.draw import draw
from data_access.calendar import Grain
from i18n.words import LANGUAGES, load_words
from metrics import metric as registry
from metrics.filters import narrow
from metrics.listing import listing
from tests.metrics.test_listing import counted_again
from tests.worlds import World, ask_source, ask_world, engine, filters, load, load_on, place, shelf, templates
from ui.listed import head
from ui.words_of import shown

__all__ = ["ask_world", "engine", "load", "load_on", "place", "shelf", "templates"]
ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)
TOML = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
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


def test_the_list_behind_the_example_counts_it_again_and_has_a_head_for_every_column(discount_rate, load):
    unpriced = {
        "customer_id": "c",
        "ordered_at": "2026-01-09",
        "gross": 50,
        "discount": 50,
        "net": 0,
        "currency": "XAU",
    }
    source = load(World(orders=[*WORLD.tables["orders"], {**unpriced, "fx_to_base": None}]))
    answer = ask_source(source, "discount_rate", "2026-01-01..2026-03-01")
    frame, rows = listing("discount_rate")(source, answer.question, {}, 10)
    again = counted_again("discount_rate", frame)
    assert (rows, again["n"], again["value"]) == (2, answer.result.n, answer.result.value)
    heads = tomllib.loads("".join(TOML))["panel"]["list_column"]
    for words in map(load_words, LANGUAGES):
        assert {name for name in frame.columns if head(name, words) == name} == set(heads)


def test_the_example_test_passes(discount_rate, ask_world):
    scope: dict = {}
    exec(compile(BLOCKS[1], "CONTRIBUTING.md", "exec"), scope)
    scope["test_a_tenth_given_away_is_a_tenth"](ask_world)


@pytest.mark.parametrize("block", BLOCKS, ids=["metric", "test"])
def test_the_examples_pass_the_checks_of_style(block, tmp_path):
    """Checked as `make lint` would, in a file beside the others."""
    file = "metrics/discount_rate.py" if block is BLOCKS[0] else "tests/metrics/test_discount_rate.py"
    for check in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--stdin-filename", file, "-"],
            input=block, cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_unit_is_listed():
    named = re.findall(r"`([A-Z]+)`", "".join(line for line in TEXT.splitlines() if line.startswith("| `")))
    assert set(named) == {unit.name for unit in registry.Unit}


def test_category_leaves_the_lines_of_an_order_that_stays(load):
    """What the table of filters says: one order of two categories keeps both lines and a share of its amount."""
    order = {"customer_id": "a", "ordered_at": "2026-01-05", "lines": [("A", 30), ("B", 70)]}
    source = load(World(orders=[order]))
    crm = narrow(source.crm, filters("2026-01", where={"category": "A"}), ("category",))
    seen = source.with_crm(crm)
    assert [row["net"] for row in seen.rows(select(crm.orders.c.net))] == [pytest.approx(30)]
    assert sorted(row["net"] for row in seen.rows(select(crm.table("order_items").c.net))) == [30, 70]


class TestANumberThatIsNeitherCountNorShare:
    """A key figure of unit NUMBER goes the whole way: frame, chart, words, command line."""

    @pytest.fixture
    def units_per_order(self, monkeypatch: pytest.MonkeyPatch) -> registry.Metric:
        """Orders per customer would be 1.53: taken from the mean order value, whose values have decimals too."""
        metric = replace(registry.all_metrics()["average_order_value"], unit=registry.Unit.NUMBER)
        metrics = {**registry.all_metrics(), "average_order_value": metric}
        monkeypatch.setattr(registry, "all_metrics", lambda: metrics)
        return metric

    @pytest.mark.parametrize("options", [{"shape": "trend"}, {"by": "channel"}], ids=str)
    def test_it_is_drawn(self, units_per_order, ask_world, options):
        world = World(orders=[{"customer_id": f"c{i}", "ordered_at": "2026-01-05", "net": 12.01, "channel": "web"}
                              for i in range(40)])  # fmt: skip
        answer = ask_world(world, "average_order_value", "2026-01", **options)
        assert answer.metric.unit is registry.Unit.NUMBER
        assert "12.01" in str(draw(answer, load_words("en"), "light").figure.to_json())

    def test_it_is_written_with_two_decimals_and_without_a_sign_of_money(self, units_per_order):
        words = load_words("en")
        assert shown(12.014, units_per_order.unit, words, "EUR") == "12.01"
        assert shown(3.0, units_per_order.unit, words, "EUR") == "3.00"
        assert all(load_words(language).has(f"unit.{units_per_order.unit}") for language in LANGUAGES)
