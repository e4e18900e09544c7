"""An extract holds what a live question sees: every figure is the same, on every engine."""

from __future__ import annotations

import shutil
from dataclasses import fields, is_dataclass
from math import isclose, isnan
from typing import Any

import duckdb
import pandas as pd
import pytest

from data_access.doctor import as_text, examine
from data_access.errors import QuestionError
from data_access.extract.record import written_origin, written_tables
from data_access.extract.run import Job, extract
from data_access.place import find_place
from data_access.source import Source, open_source
from metrics.metric import all_metrics
from tests.data_access import corner_shop
from tests.worlds import ask_source, forget

WAYS = (("2025", {}), ("2025-Q2", {"shape": "trend"}), ("2025-Q2", {"by": "region"}), ("2024-11", {"by": "channel"}))


READ_FROM = ("duckdb", "sqlite", "postgresql", "mariadb")  # engines that mappings are written for


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.engines) for name in READ_FROM])
def shop(request, tmp_path_factory):
    """The shop on each engine in turn."""
    native = corner_shop.open_shop(request.param, tmp_path_factory.mktemp("shop"))
    yield native
    native.close()


@pytest.fixture(scope="module")
def taken(shop):
    """Its extract."""
    target = shop.file.with_suffix(".duckdb")
    extract(Job(find_place(str(shop.file)), target))
    yield target
    forget(str(target))


@pytest.fixture
def file(taken, tmp_path):
    """A copy of the extract, opened by DuckDB itself."""
    with duckdb.connect(str(shutil.copy(taken, tmp_path))) as connection:
        yield connection


def test_every_figure_is_the_same_live_and_from_the_extract(shop, taken):
    assert_all_same(shop.source(), open_source(str(taken)))


def assert_all_same(live: Source, file: Source) -> None:
    """Every metric, asked in every way, answers alike from both."""
    answered = 0
    for name in all_metrics():
        for when, way in WAYS:
            was, is_now = (answer(source, name, when, way) for source in (live, file))
            assert_same(was, is_now, f"{name} {when} {way}")
            answered += getattr(was, "n", 0) > 0
    assert answered > 30
    assert live.as_of == file.as_of


def answer(source: Source, name: str, when: str, way: dict[str, Any]) -> Any:
    """A result, or why there is none."""
    try:
        found = ask_source(source, name, when, **way)
    except QuestionError as fault:
        return str(fault)
    return found.result if found.result is not None else str(found.missing)


def assert_same(was: Any, is_now: Any, where: str) -> None:
    """Equal to the cent and to the row."""
    assert type(was) is type(is_now), f"{where}: {was!r} and {is_now!r}"
    if isinstance(was, pd.DataFrame):
        pd.testing.assert_frame_equal(was, is_now, rtol=1e-9, atol=1e-6, obj=where)
    elif is_dataclass(was):
        for field in fields(was):
            assert_same(getattr(was, field.name), getattr(is_now, field.name), f"{where} {field.name}")
    elif isinstance(was, dict):
        assert list(was) == list(is_now), where
        for key, value in was.items():
            assert_same(value, is_now[key], f"{where} {key}")
    elif isinstance(was, tuple | list):
        assert len(was) == len(is_now), where
        for one, other in zip(was, is_now, strict=True):
            assert_same(one, other, where)
    elif isinstance(was, float):
        same = (isnan(was) and isnan(is_now)) or isclose(was, is_now, rel_tol=1e-9, abs_tol=1e-6)
        assert same, f"{where}: {was} and {is_now}"
    else:
        assert was == is_now, where


def test_every_cell_is_the_same_in_its_own_type(shop, file):
    for name, columns in shop.mapped.columns.items():
        kinds = {row[0]: row[1] for row in file.execute(f"DESCRIBE {name}").fetchall()}
        assert set(kinds) == columns
        assert written_tables(file)[name].rows == file.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    known = [column for column in sorted(shop.mapped.columns["orders"]) if not column.startswith("x_")]
    held = file.execute(f"SELECT {', '.join(known)} FROM orders ORDER BY order_id").to_arrow_table().to_pylist()
    live = shop.rows("orders", *known)
    for row, other in zip(held, live, strict=True):
        assert {name: plain(value) for name, value in row.items()} == {name: plain(other[name]) for name in known}
    decimal = "DOUBLE" if shop.url.startswith("sqlite") else "DECIMAL(24,6)"
    assert kinds_of(file, "orders", "net", "ordered_at", "is_test") == [decimal, "TIMESTAMP", "BOOLEAN"]
    assert kinds_of(file, "fx_rates", "valid_from", "currency") == ["DATE", "VARCHAR"]


def kinds_of(file: duckdb.DuckDBPyConnection, table: str, *names: str) -> list[str]:
    kinds = {row[0]: row[1] for row in file.execute(f"DESCRIBE {table}").fetchall()}
    return [kinds[name] for name in names]


def plain(value: Any) -> Any:
    """Numbers as floats of six decimals; moments and texts as they are."""
    return round(float(value), 6) if isinstance(value, int | float) or type(value).__name__ == "Decimal" else value


def test_an_empty_text_stays_one_and_nothing_stays_nothing(file):
    rows = dict(
        file.execute("SELECT customer_id, email FROM customers WHERE customer_id IN ('9', '10', '3')").fetchall()
    )
    name = file.execute("SELECT name, x_note FROM customers WHERE customer_id = '3'").fetchone()
    assert rows == {"9": "", "10": None, "3": "Buyer3@Example.org "}
    assert name == ("Bûyer 3 'O\\n\"", "Bûyer 3 'O\\n\" DE")


def test_the_file_says_where_it_came_from(taken, file):
    origin = written_origin(file)
    assert origin is not None
    assert (origin.mapping, origin.mode) == ("corner", "full")
    assert origin.finished_at is not None
    assert origin.read_at <= origin.finished_at
    assert open_source(str(taken)).crm.facts.origin == origin


def test_check_says_of_what_a_file_is_the_extract(shop, taken):
    report = examine(str(taken))
    assert [p for p in report.problems if p.rule == "column_missing"] == []
    said = as_text(report)
    assert "through `corner`" in said
    assert "Not canonical" not in said
    shop.file.write_text(shop.file.read_text() + f'\nextract = "{taken.name}"\n')
    assert "extract_outdated" not in {p.rule for p in examine(str(shop.file)).problems}


def test_a_settings_file_leads_to_its_extract_once_it_is_there(shop, taken):
    shop.file.write_text(shop.file.read_text().split("\nextract")[0] + f'\nextract = "{taken.name}"\n')
    assert find_place(str(shop.file)).url.database == str(taken)
    assert find_place(str(shop.file), "./corner").url.database == str(taken)
    assert find_place(str(shop.file), is_live=True).is_mapped
    shop.file.write_text(shop.file.read_text().replace(taken.name, "not_there.duckdb"))
    assert find_place(str(shop.file)).is_mapped
