"""`check` says how many of the source's own rows are taken, and how an extract stands beside its source."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine, text

from data_access.doctor import as_json, as_text, examine
from data_access.extract.run import Job, extract
from data_access.mappings.find import known_mappings
from data_access.mappings.origins import origins_of
from data_access.place import find_place
from tests.data_access import corner_shop

READ_FROM = ("duckdb", "sqlite", "postgresql", "mariadb")
ON_EACH = [pytest.param(name, marks=pytest.mark.engines) for name in READ_FROM]


@pytest.fixture(params=ON_EACH)
def shop(request, tmp_path):
    """The shop on each engine in turn."""
    native = corner_shop.open_shop(request.param, tmp_path)
    yield native
    native.close()


@pytest.fixture
def small_shop(tmp_path):
    """The shop on SQLite, and its extract, which its settings file names."""
    native = corner_shop.open_shop("sqlite", tmp_path)
    native.file.write_text(native.file.read_text().replace("mapping =", 'extract = "taken.duckdb"\nmapping =', 1))
    extract(Job(find_place(str(native.file), is_live=True), tmp_path / "taken.duckdb"))
    yield native
    native.close()


def change(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_check_says_how_many_rows_of_the_source_are_not_taken_and_why(shop):
    report = examine(str(shop.file))
    taken = {one.table: one for one in report.taken}
    nothing_said = sum(row["score"] is None for row in corner_shop.rows()["asked"])
    assert nothing_said > 0
    assert (dict(taken["orders"].sources), taken["orders"].rows, taken["orders"].not_taken) == ({"bill": 240}, 240, 0)
    answers = taken["survey_answers"]
    assert (dict(answers.sources), answers.not_taken) == ({"asked": 80}, nothing_said)
    assert answers.why == ("score IS NOT NULL",)
    assert taken["surveys"].why == ("one row for each which",)
    assert f"of 80 rows in asked; {nothing_said} are not taken (score IS NOT NULL)" in as_text(report)
    held = {one["table"]: one for one in json.loads(as_json(report))["taken"]}
    assert held["survey_answers"]["not_taken"] == nothing_said


@pytest.mark.parametrize("manifest", known_mappings(), ids=lambda one: one.id)
def test_every_table_of_every_mapping_has_its_rows_from_somewhere(manifest):
    without = {table.name for table in manifest.tables.values() if not origins_of(manifest, table).tables}
    assert without <= {"settings", "pipelines_stages", "surveys", "fx_rates"}


def test_an_extract_with_as_many_rows_as_its_source_says_so(small_shop):
    report = examine(str(small_shop.file))
    assert report.beside is not None
    assert report.beside.tables["orders"] == (240, 240)
    assert report.beside.others == {}
    assert "every table has as many rows as the source has now" in as_text(report)
    assert json.loads(as_json(report))["beside"]["tables"]["orders"] == [240, 240]


def test_a_fresh_extract_with_other_rows_than_its_source_is_a_problem(small_shop):
    change(small_shop.url, "DELETE FROM bill WHERE id <= 7")
    report = examine(str(small_shop.file))
    (problem,) = [one for one in report.problems if one.rule == "extract_differs"]
    assert (problem.table, problem.count) == ("orders", 7)
    assert problem.text == "240 rows in the extract, 233 in the source"


def test_an_older_extract_only_says_both_and_its_age(small_shop, tmp_path):
    change(small_shop.url, "DELETE FROM bill WHERE id <= 7")
    with duckdb.connect(str(tmp_path / "taken.duckdb")) as file:
        file.execute('UPDATE extract_source SET "read_at" = "read_at" - INTERVAL 3 HOUR')
    report = examine(str(small_shop.file))
    assert "extract_differs" not in {one.rule for one in report.problems}
    assert "Taken 3.0 hours ago; since then: orders 240 here and 233 in the source." in as_text(report)


def test_a_source_that_is_away_is_said_and_the_extract_is_examined(small_shop, tmp_path):
    native = Path(find_place(str(small_shop.file), is_live=True).url.database)
    native.rename(tmp_path / "elsewhere")
    report = examine(str(small_shop.file))
    assert report.beside is not None
    assert report.beside.unreached
    assert "Its rows were not compared with the source's: " in as_text(report)
    assert {one.name for one in report.tables} >= {"orders", "customers"}
