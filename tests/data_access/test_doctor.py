"""The doctor: a fault of each kind is found, on DuckDB and on SQLite, and a sound source has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Column, MetaData, Table, create_engine

from data_access.__main__ import main
from data_access.doctor import Report, as_text, examine
from data_access.errors import SourceError
from data_access.schema import TABLES
from tests.data_access.exports import CUSTOMERS, DEALS, ORDERS, STAGES, load, write

Rows = dict[str, list[dict[str, Any]]]
Make = Callable[..., str]
DAY, LATER, AS_OF = datetime(2026, 1, 5, 10), datetime(2026, 2, 5, 10), datetime(2026, 6, 18, 16)
SETTINGS = {
    "base_currency": "EUR",
    "timezone": "UTC",
    "fiscal_year_start_month": 1,
    "week_start": 1,
    "data_as_of": AS_OF,
}
CUSTOMER = {"customer_id": "C1", "name": "Ada", "kind": "company", "first_seen_at": DAY, "is_active": True,
            "is_own_company": False}  # fmt: skip
ORDER = {"order_id": "O1", "customer_id": "C1", "status_raw": "ok", "status": "confirmed", "ordered_at": DAY, "currency": "EUR",
         "gross": 10, "discount": 0, "net": 10, "tax": 0, "shipping": 0, "refunded": 0, "net_base": 10, "is_test": False,
         "document": "order"}  # fmt: skip
ITEM = {"order_item_id": "I1", "order_id": "O1", "quantity": 1, "unit_price": 10, "discount": 0, "net": 10}
STAGE = {"stage_id": "S1", "pipeline_id": "p", "pipeline_name": "P", "name": "New", "position": 1, "outcome": "open"}
DEAL = {"opportunity_id": "D1", "name": "Deal", "pipeline_id": "p", "stage_id": "S1", "outcome": "open", "created_at": DAY,
        "is_deleted_in_source": False}  # fmt: skip
STAY = {"opportunity_id": "D1", "seq": 1, "stage_id": "S1", "outcome": "open", "entered_at": DAY, "is_initial": True,
        "is_reconstructed": False, "is_backward": False}  # fmt: skip
TARGET = {"scope_type": "company", "scope_id": "company", "metric": "revenue", "period_start": date(2026, 1, 1),
          "period_end": date(2026, 1, 31), "value": 5.0}  # fmt: skip
SOUND: Rows = {
    "settings": [SETTINGS],
    "customers": [CUSTOMER],
    "orders": [ORDER],
    "order_items": [ITEM],
    "pipelines_stages": [STAGE, {**STAGE, "stage_id": "S2", "position": 2, "outcome": "won"}],
    "opportunities": [DEAL],
    "stage_history": [STAY],
    "targets": [TARGET],
}


@pytest.fixture(params=["duckdb", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes a source with these rows, without keys that would refuse bad ones; gives what the doctor is told."""

    def build(rows: Rows, metadata: MetaData | None = None) -> str:
        path = tmp_path / ("source.duckdb" if request.param == "duckdb" else "source.sqlite")
        engine = create_engine(f"{request.param}:///{path}")
        everything = metadata or without_keys()
        with engine.begin() as connection:
            everything.create_all(connection, [everything.tables[name] for name in rows])
            for name, given in rows.items():
                for row in given:
                    connection.execute(everything.tables[name].insert(), row)
        engine.dispose()
        return str(path)

    return build


def without_keys() -> MetaData:
    """The canonical tables as a careless warehouse might have them: no keys, every column may be empty."""
    metadata = MetaData()
    for table in TABLES.values():
        Table(table.name, metadata, *(Column(column.name, column.type) for column in table.columns))
    return metadata


def changed(table: str, *rows: dict[str, Any]) -> Rows:
    """A sound source, but for these rows instead of those of one table."""
    return {**SOUND, table: list(rows)}


def found(report: Report) -> set[tuple[str, str, str, int]]:
    """Rule, table, column and count of every problem."""
    return {(one.rule, one.table, one.column, one.count) for one in report.problems}


def test_a_sound_source_has_no_problem(make: Make) -> None:
    report = examine(make(SOUND))
    assert report.problems == ()
    assert {table.name: table.rows for table in report.tables}["pipelines_stages"] == 2
    assert "tickets" in report.missing_tables
    assert report.settings["base_currency"] == "EUR"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (changed("orders", ORDER, ORDER), ("duplicate_key", "orders", "order_id", 1)),
        (changed("targets", TARGET, TARGET), ("duplicate_key", "targets", "scope_type", 1)),
        (changed("orders", {**ORDER, "customer_id": "C9"}), ("unknown_reference", "orders", "customer_id", 1)),
        (changed("order_items", {**ITEM, "order_id": "O9"}), ("unknown_reference", "order_items", "order_id", 1)),
        (changed("orders", {**ORDER, "ordered_at": None}), ("missing_value", "orders", "ordered_at", 1)),
        (changed("orders", {**ORDER, "status": "shipped"}), ("unknown_code", "orders", "status", 1)),
        (changed("orders", {**ORDER, "ordered_at": datetime(2026, 6, 18, 17)}), ("after_as_of", "orders", "ordered_at", 1)),
        (changed("orders", {**ORDER, "currency": "USD", "net_base": None}), ("rate_missing", "orders", "net_base", 1)),
        (changed("orders", {**ORDER, "refunded": -3}), ("refund_sign", "orders", "refunded", 1)),
        (changed("orders", {**ORDER, "refunded": 11}), ("refund_exceeds", "orders", "refunded", 1)),
        (changed("orders", {**ORDER, "document": "credit_note", "refunded": 1}),
         ("credit_note_refunded", "orders", "refunded", 1)),
        (changed("orders", {**ORDER, "cancelled_at": LATER}), ("cancelled_but_valid", "orders", "cancelled_at", 1)),
        (changed("orders", {**ORDER, "ordered_at": datetime(1900, 1, 1)}),
         ("implausible_date", "orders", "ordered_at", 1)),
        (changed("order_items", {**ITEM, "net": 9}), ("items_differ", "orders", "net", 1)),
        (changed("orders", {**ORDER, "status": "cancelled", "cancelled_at": datetime(2026, 1, 4)}), ("date_order", "orders", "cancelled_at", 1)),
        (changed("opportunities", {**DEAL, "outcome": "won"}), ("closing_missing", "opportunities", "closed_at", 1)),
        (changed("opportunities", {**DEAL, "closed_at": LATER}), ("open_deal_closed", "opportunities", "closed_at", 1)),
        (changed("opportunities", {**DEAL, "probability": 60.0}), ("out_of_range", "opportunities", "probability", 1)),
        (changed("opportunities", {**DEAL, "stage_id": "S2"}), ("history_end", "stage_history", "stage_id", 1)),
        (changed("stage_history"), ("history_missing", "stage_history", "opportunity_id", 1)),
        (changed("stage_history", {**STAY, "left_at": LATER, "stage_id": "S2"},
                 {**STAY, "seq": 2, "entered_at": datetime(2026, 2, 6)}),
         ("history_broken", "stage_history", "entered_at", 1)),
        (changed("stage_history", STAY, {**STAY, "seq": 2, "entered_at": LATER}),
         ("history_broken", "stage_history", "entered_at", 1)),
        (changed("targets", {**TARGET, "period_end": date(2025, 1, 1)}), ("date_order", "targets", "period_end", 1)),
        (changed("settings"), ("settings_missing", "settings", "", 1)),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_fault_is_found_and_nothing_else(make: Make, rows: Rows, problem: tuple[str, str, str, int]) -> None:
    assert found(examine(make(rows))) == {problem}


def test_a_deleted_deal_needs_no_history(make: Make) -> None:
    gone = {**DEAL, "opportunity_id": "D2", "is_deleted_in_source": True}
    assert examine(make(changed("opportunities", DEAL, gone))).problems == ()


def test_an_answer_outside_the_scale_of_its_survey_is_found(make: Make) -> None:
    survey = {"survey_id": "N", "name": "NPS", "kind": "nps", "scale_min": 0, "scale_max": 10}
    rows: Rows = {
        "settings": [SETTINGS],
        "surveys": [survey],
        "survey_responses": [{"response_id": "R1", "survey_id": "N", "is_complete": True}],
        "survey_answers": [{"response_id": "R1", "item_key": "a", "score": 11.0}, {"response_id": "R1", "item_key": "b", "score": 10.0}],
    }  # fmt: skip
    assert found(examine(make(rows))) == {("score_out_of_scale", "survey_answers", "score", 1)}


def test_a_problem_names_an_example_and_what_it_means(make: Make) -> None:
    problem = examine(make(changed("orders", {**ORDER, "customer_id": "C9"}))).problems[0]
    assert (problem.example, problem.text) == ("C9", "not in `customers`")


def test_rounding_of_half_a_cent_a_line_is_no_fault(make: Make) -> None:
    lines = [{**ITEM, "order_item_id": f"I{n}", "net": 3.334} for n in range(3)]
    assert examine(make(changed("order_items", *lines))).problems == ()


def test_columns_that_are_missing_or_empty_are_told_apart(make: Make) -> None:
    metadata = without_keys()
    customers = metadata.tables["customers"]
    for name in ("region", "name"):
        customers._columns.remove(customers.c[name])
    report = examine(
        make({"settings": [SETTINGS], "customers": [{k: v for k, v in CUSTOMER.items() if k != "name"}]}, metadata)
    )
    table = report.tables[0]
    assert table.missing_columns == ("name", "region")
    assert "country" in table.empty_columns
    assert found(report) == {("column_missing", "customers", "name", 1)}


def test_a_column_of_the_wrong_type_is_named_and_the_rest_is_examined(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders AS SELECT 'O1' AS order_id, 'yesterday' AS ordered_at, 'odd' AS status")
    report = examine(str(path))
    assert ("wrong_type", "orders", "ordered_at", 1) in found(report)
    assert ("unknown_code", "orders", "status", 1) in found(report)
    assert ("column_missing", "orders", "net", 1) in found(report)


def test_a_source_without_any_canonical_table_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE crm_lead (id INTEGER)")
    report = examine(str(path))
    assert ("no_tables", "", "", 1) in found(report)
    assert report.other_tables == ("crm_lead",)


def test_a_file_that_was_loaded_tells_how_it_was_loaded(tmp_path: Path) -> None:
    orders = ORDERS.replace("O2,C1", "O2,C9").replace("EUR,20", "eur,20")
    folder = write(tmp_path / "in", orders=orders, customers=CUSTOMERS, opportunities=DEALS, pipelines_stages=STAGES)
    report = examine(str(load(folder).target))
    assert report.problems == ()
    assert {(row["table"], row["rule"], row["count"]) for row in report.quarantine} == {
        ("orders", "unknown_reference", 1)
    }
    assert {(row["table"], row["rule"], row["count"]) for row in report.repairs} == {("orders", "code_spelling", 1)}
    assert any(
        entry["rule"] == "rows_loaded" and entry["table"] == "orders" and entry["count"] == 2
        for entry in report.import_log
    )
    text = as_text(report)
    assert "Nothing is wrong." in text
    assert "the table `quarantine` holds 1 entries: orders unknown_reference 1" in text
    assert "  assumed settings.data_as_of: " in text
    assert "  derived orders.gross: 3" in text


def test_the_command_ends_with_1_on_problems_and_0_without(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", make(SOUND)]) == 0
    assert "Nothing is wrong." in capsys.readouterr().out


def test_the_report_as_json_holds_the_same(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", make(changed("orders", ORDER, ORDER)), "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [(one["rule"], one["example"]) for one in said["problems"]] == [("duplicate_key", "O1")]
    assert said["settings"]["data_as_of"].startswith("2026-06-18")
    assert {table["name"] for table in said["tables"]} == set(SOUND) - {"settings"}


def test_a_url_serves_as_well_as_a_path(make: Make) -> None:
    path = make(SOUND)
    dialect = "sqlite" if path.endswith("sqlite") else "duckdb"
    assert examine(f"{dialect}:///{path}").problems == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"order_id,net\n1,2\n", "is not a DuckDB file"),
        (b"", "is not a DuckDB file"),
    ],
    ids=["no file", "a CSV file", "an empty file"],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, content: bytes | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=said):
        examine(str(path))
    assert main(["check", str(path)]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_of_a_newer_duckdb_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    duckdb.connect(str(path)).close()
    content = bytearray(path.read_bytes())
    content[12:20] = (9999).to_bytes(8, "little")  # the number of the storage format, then the block's checksum
    words = [int.from_bytes(content[n : n + 8], "little") for n in range(8, 4096, 8)]
    checksum = reduce(lambda sum_, word: sum_ ^ (word * 0xBF58476D1CE4E5B9 % 2**64), words, 5381)
    content[:8] = checksum.to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(SourceError, match="was written by a newer DuckDB"):
        examine(str(path))


def test_the_password_of_a_url_is_never_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "postgresql+nodriver://user:hunter2@localhost/x"]) == 1
    captured = capsys.readouterr()
    assert "hunter2" not in captured.out + captured.err


def test_every_canonical_table_can_be_examined_empty(make: Make) -> None:
    report = examine(make({**{name: [] for name in TABLES}, "settings": [SETTINGS]}))
    assert report.problems == ()
    assert report.missing_tables == ()
