"""docs/importing.md is followed to the letter: its files are written, its commands run, its figures compared."""

from __future__ import annotations

import json
import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from data_access.__main__ import main
from metrics.command import main as metrics_main
from tests.data_access.exports import ask, one

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
FILES = re.compile(r"\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"^python -m data_access (.+)$", re.MULTILINE)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody who has written down every file of the document."""
    for name, content in FILES.findall(TEXT):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands() -> list[list[str]]:
    """The commands of the document that stand in fenced blocks."""
    fenced = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))
    return [shlex.split(command) for command in COMMANDS.findall(fenced)]


def test_every_command_of_the_document_does_what_it_says(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [command[0] for command in commands()] == ["import", "import", "check"]
    for command in commands():
        assert main(command) == 0
    said = capsys.readouterr().out
    for line in re.findall(r"```text\n(coffee.duckdb holds.*?)```", TEXT, re.DOTALL)[0].splitlines():
        assert line in said
    assert "no_customer sales: 1, first Verkauf_2025.csv row 4" in said
    assert "Nothing is wrong." in said


def test_the_figures_of_the_document_come_out(reader: Path) -> None:
    for command in commands():
        main(command)
    coffee = reader / "coffee.duckdb"
    local = "date_trunc('month', timezone('Europe/Berlin', timezone('UTC', ordered_at)))"
    months = ask(
        coffee,
        f"SELECT month({local}), sum(net_base) FROM orders WHERE status = 'confirmed' GROUP BY 1 ORDER BY 1",
    )
    assert months == [(1, Decimal(1046)), (6, Decimal("-18.5")), (7, Decimal("55.5"))]
    assert one(coffee, "SELECT name FROM customers WHERE country = 'JP'") == "Ōki 珈琲"
    assert ask(coffee, "SELECT document FROM orders WHERE order_id = 'G-1'") == [("credit_note",)]
    assert one(coffee, "SELECT description FROM order_items WHERE order_item_id = 'B-1-1'") == "Kaffee; 1 kg"


def test_the_command_for_revenue_shows_the_figures_of_the_document(
    reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in commands():
        main(command)
    capsys.readouterr()
    asked = re.findall(r"^python -m metrics (.+)$", TEXT, re.MULTILINE)[0]
    assert metrics_main([*shlex.split(asked), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    shown = {row["period"][:7]: row["value"] for row in rows}
    assert (shown["2025-01"], shown["2025-06"], shown["2025-07"]) == (1046, -18.5, 55.5)


def test_the_recipe_for_order_data_in_the_first_line_gives_net_orders_that_add_up(reader: Path) -> None:
    assert main(["import", "shopify", "--into", "shopify.duckdb", "--mapping", "shopify-mapping"]) == 0
    orders = "SELECT order_id, status, net, tax, refunded, CAST(ordered_at AS VARCHAR) FROM orders ORDER BY 1"
    assert ask(reader / "shopify.duckdb", orders) == [
        ("#1001", "confirmed", Decimal(30), Decimal(6), Decimal(0), "2025-03-30 00:30:00"),
        ("#1002", "partly_refunded", Decimal(20), Decimal(0), Decimal(5), "2025-03-31 23:30:00"),
        ("#1003", "cancelled", Decimal(10), Decimal(2), Decimal(0), "2025-04-01 09:00:00"),
    ]
    assert main(["check", "shopify.duckdb"]) == 0


def test_the_recipe_lets_no_word_pass_that_its_map_lacks(reader: Path) -> None:
    mapping = reader / "shopify-mapping" / "mapping.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace('paid = "confirmed"\n', "", 1), encoding="utf-8")
    assert main(["import", "shopify", "--into", "x.duckdb", "--mapping", "shopify-mapping"]) == 0
    assert ask(reader / "x.duckdb", "SELECT order_id, status FROM orders ORDER BY 1") == [
        ("#1002", "partly_refunded"), ("#1003", "cancelled"),
    ]  # fmt: skip
    assert main(["check", "x.duckdb"]) == 1


def test_the_messages_of_the_document_are_those_that_are_said(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = reader / "coffee-mapping" / "mapping.toml"
    right = manifest.read_text(encoding="utf-8")
    for old, new in (("(Zeit,", "(Zeitt,"), ("%d.%m.%Y %H:%M", "%Y-%m-%d")):
        manifest.write_text(right.replace(old, new), encoding="utf-8")
        assert main(["import", "coffee", "--into", "x.duckdb", "--mapping", "coffee-mapping"]) == 1
        said = capsys.readouterr().err.strip()
        shown = [line for line in TEXT.splitlines() if line.startswith("mapping.toml: `orders.ordered_at`")]
        assert any(said.startswith(line.split("...")[0].rstrip()) for line in shown), said
