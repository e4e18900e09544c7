"""metrics/command.py: the same answers without a browser."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data_access.source import open_source
from metrics import metric as registry
from metrics.command import main
from metrics.metric import Unit, all_metrics
from tests.company import company
from tests.worlds import Place, World, ask_source

ROOT = Path(__file__).resolve().parent.parent.parent
KEYS = {
    "metric", "unit", "currency", "definition", "period", "compared_to", "as_of", "timezone", "filters", "options", "columns",
    "rows", "tables", "n", "notes", "sql",
}  # fmt: skip
UNCOMPARED = ("retention", "time_in_stage")
MONTHS = ("--from", "2026-01-01", "--to", "2026-04-01")
QUARTER = "2026-01-01..2026-04-01"
CHOICES = [
    (name, options)
    for name, metric in all_metrics().items()
    for options in (
        {},
        *([{"shape": "trend"}] if metric.is_kpi else []),
        *([{"by": "region"}] if "region" in metric.dimensions else []),
    )
]


@pytest.fixture(scope="module")
def file(tmp_path_factory, templates):
    """Path of the larger company as a DuckDB file."""
    folder = tmp_path_factory.mktemp("command")
    return Place("duckdb", folder, templates).write(company()).split(":///")[1]


@pytest.fixture
def command(capsys):
    """command(*arguments) -> (exit code, what was printed, what was said on stderr)."""

    def run(*arguments):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def answer(command):
    """answer(name, source, *arguments) -> the JSON of `run`."""

    def run(name, source, *arguments):
        code, out, err = command("run", name, "--source", source, "--format", "json", *arguments)
        assert (code, err) == (0, ""), err
        return json.loads(out)

    return run


def as_flags(options):
    """Options as they are typed."""
    return [part for key, value in options.items() for part in ("--option", f"{key}={value}")]


def value_of(cell):
    """A cell of a frame as JSON would say it."""
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and pd.isna(cell)):
        return None
    return cell.isoformat()[:10] if isinstance(cell, pd.Timestamp) else cell


def check_rows(said, frame):
    """The rows are those of a frame, every one and in its order."""
    assert [column["name"] for column in said["columns"]] == list(frame.columns)
    assert len(said["rows"]) == len(frame)
    for row, (_, cells) in zip(said["rows"], frame.iterrows(), strict=True):
        assert list(row) == list(frame.columns)
        for name, cell in cells.items():
            assert row[name] == value_of(cell), name


# -- one figure, one value ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "options"), CHOICES, ids=str)
def test_every_metric_says_what_pages_are_told(answer, file, name, options):
    compare = [] if "shape" in options or name in UNCOMPARED else ["--compare", "year"]
    said = answer(name, file, *MONTHS, *compare, *as_flags(options))
    told = ask_source(open_source(file), name, QUARTER, comparison="year" if compare else "previous", **options)
    check_rows(said, told.result.frame)
    assert set(said["tables"]) == set(told.result.tables)
    for table, frame in told.result.tables.items():
        check_rows(said["tables"][table], frame)
    assert (said["n"], said["sql"], len(said["notes"])) == (told.result.n, list(told.sql), len(told.notes))
    assert said["options"] == dict(told.question.options)


@pytest.mark.parametrize("name", all_metrics())
def test_every_answer_has_the_same_keys_and_explains_every_column(answer, file, name):
    said = answer(name, file, *MONTHS)
    assert set(said) == KEYS
    assert said["metric"] == name
    assert said["definition"]
    assert said["period"] == {"from": "2026-01-01", "to": "2026-04-01"}
    assert (said["as_of"], said["timezone"]) == ("2026-06-18T16:00:00", "Europe/Berlin")
    assert said["sql"]
    assert said["unit"] == "EUR" if all_metrics()[name].unit is Unit.MONEY else all_metrics()[name].unit.value
    units = {unit.value for unit in Unit} - {"money"} | {"EUR", "of the row's metric", "of the row's part"}
    for table in (said, *said["tables"].values()):
        for column in table["columns"]:
            assert set(column) == {"name", "unit", "meaning"}
            assert column["unit"] in units
            assert column["meaning"]


def test_units_are_those_of_the_columns(answer, file):
    def units(name):
        return {column["name"]: column["unit"] for column in answer(name, file, *MONTHS)["columns"]}

    assert {units("revenue")[name] for name in ("value", "low", "previous_value", "year_change")} == {"EUR"}
    assert units("revenue")["previous_change_ratio"] == units("win_rate")["value"] == "ratio"
    assert units("kpis")["value"] == units("findings")["change"] == "of the row's metric"
    assert units("kpis")["n"] == "count"
    factors = units("revenue_change")
    assert (factors["before"], factors["after"], factors["change"]) == ("of the row's part", "of the row's part", "EUR")
    said = answer("revenue_change", file, *MONTHS, "--option", "by=region")["columns"]
    assert {column["name"]: column["unit"] for column in said}["before"] == "EUR"
    assert {answer(name, file, *MONTHS)["currency"] for name in ("kpis", "orders")} == {"EUR"}


@pytest.mark.parametrize("kind", ["previous", "year"])
@pytest.mark.parametrize(("name", "by"), [("revenue", ""), ("revenue", "region"), ("findings", ""), ("kpis", ""),
                                          ("revenue_change", "region"), ("funnel", ""), ("nps", "region")])  # fmt: skip
def test_what_is_compared_says_with_which_days(answer, file, name, by, kind):
    options = ["--option", f"by={by}"] if by else []
    said = answer(name, file, "--from", "2026-04-01", "--to", "2026-07-01", "--compare", kind, *options)["compared_to"]
    begin, end = {"previous": ("2026-01-01", "2026-04-01"), "year": ("2025-04-01", "2025-07-01")}[kind]
    assert (said["kind"], said["from"], said["to"]) == (kind, begin, end)
    assert said["to_moment"].startswith({"previous": "2026-03-18", "year": "2025-06-18"}[kind])  # as far as 18 June


def test_the_value_compared_with_is_that_of_the_days_named(answer, file):
    said = answer("orders", file, *MONTHS, "--compare", "year")
    then = [said["compared_to"][end] for end in ("from", "to")]
    assert answer("orders", file, "--from", then[0], "--to", then[1])["n"] == said["rows"][0]["year_n"] > 0


@pytest.fixture(scope="module", params=["UTC", "Asia/Shanghai"])
def reader(request, file, tmp_path_factory):
    """A plain connection of somebody's own, in their own time zone, to a copy of the file."""
    copy = tmp_path_factory.mktemp("reader") / "copy.duckdb"
    shutil.copyfile(file, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(f"SET TimeZone = '{request.param}'")
        yield connection


@pytest.mark.parametrize("name", all_metrics())
def test_the_sql_that_is_printed_gives_the_figure_wherever_its_reader_lives(answer, file, reader, name):
    said = answer(name, file, *MONTHS)
    found = [row for sql in said["sql"] for row in reader.execute(sql).df().to_dict("records")]
    assert found
    if all_metrics()[name].is_kpi:
        value, n = said["rows"][0]["value"], said["n"]
        assert n > 0
        # A figure that was counted beside others stands under its own name.
        told = [(row.get("value", row.get(f"{name}_value")), row.get("n", row.get(f"{name}_n"))) for row in found]
        assert [told_n for told_value, told_n in told if told_n == n and told_value == pytest.approx(value)]


@pytest.mark.parametrize("name", [name for name, metric in all_metrics().items() if metric.is_kpi])
def test_the_sql_of_a_trend_gives_its_points(answer, file, reader, name):
    said = answer(name, file, *MONTHS, "--grain", "month")
    frames = [reader.execute(sql).df() for sql in said["sql"]]
    points = [(row["value"], row["n"]) for row in said["rows"]]
    if name == "churn_rate":  # all of its months stand in one row
        (row,) = [frame.iloc[0] for frame in frames if "held_0" in frame]
        found = [(row[f"lost_{i}"] / row[f"held_{i}"], row[f"held_{i}"]) for i in range(len(points))]
    else:
        (frame,) = [frame for frame in frames if "period" in frame]
        found = [*zip(frame["value"], frame["n"], strict=True)]
    assert [pytest.approx(point) for point in found] == points


def test_both_engines_say_the_same(answer, file, place_sqlite):
    other = place_sqlite.write(company())
    for name in ("revenue", "win_rate", "churn_rate"):
        ours, theirs = answer(name, file, *MONTHS), answer(name, other, *MONTHS)
        assert ours["rows"][0]["value"] == pytest.approx(theirs["rows"][0]["value"])
        assert (ours["n"], ours["notes"], ours["compared_to"]) == (theirs["n"], theirs["notes"], theirs["compared_to"])


# -- what can be asked ----------------------------------------------------------------------------------------------
def test_the_dates_compared_are_said_as_they_met(answer, file):
    said = answer("revenue", file, "--from", "2026-06-01", "--to", "2026-07-01", "--compare", "year")
    assert said["compared_to"] == {
        "kind": "year", "from": "2025-06-01", "to": "2025-07-01",
        "from_moment": "2025-05-31T22:00:00", "to_moment": "2025-06-18T16:00:00.000001",
    }  # fmt: skip
    assert answer("kpis", file, *MONTHS)["compared_to"]["from"] == "2025-10-01"
    assert answer("revenue_change", file, *MONTHS)["compared_to"]["to"] == "2026-01-01"
    assert answer("revenue", file, *MONTHS, "--option", "shape=trend")["compared_to"] is None


def test_without_dates_all_of_the_data_is_asked_for(answer, file):
    assert answer("orders", file)["period"] == {"from": "2025-01-02", "to": "2026-06-19"}
    assert answer("orders", file, "--from", "2026-06-01")["period"] == {"from": "2026-06-01", "to": "2026-06-19"}
    assert answer("orders", file, "--to", "2026-01-01")["period"] == {"from": "2025-01-02", "to": "2026-01-01"}


def test_as_of_a_day_counts_that_day_to_its_end_in_the_company_s_zone(answer, file):
    said = answer("revenue", file, "--from", "2026-03-01", "--to", "2026-04-01", "--as-of", "2026-03-20")
    assert said["as_of"] == "2026-03-20T22:59:59.999999"
    told = ask_source(open_source(file, as_of=datetime(2026, 3, 20, 22, 59, 59, 999999)), "revenue", "2026-03")
    assert said["rows"][0]["value"] == told.result.value
    assert 0 < said["n"] < answer("revenue", file, "--from", "2026-03-01", "--to", "2026-04-01")["n"]
    assert said["compared_to"]["to_moment"] == "2026-02-20T23:00:00"
    assert any(note.startswith("The period is unfinished") for note in said["notes"])


def test_a_grain_asks_a_key_figure_for_its_trend(answer, file):
    said = answer("orders", file, *MONTHS, "--grain", "month")
    assert [row["period"] for row in said["rows"]] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    weeks = answer("orders", file, *MONTHS, "--grain", "week")["rows"]
    assert {datetime.fromisoformat(row["period"]).weekday() for row in weeks} == {0}
    assert answer("retention", file, *MONTHS, "--grain", "quarter")["rows"][0]["cohort"] == "2026-01-01"


def test_filters_may_be_repeated_and_written_in_one_go(answer, file):
    both = answer("orders", file, *MONTHS, "--where", "region=North", "--where", "region=South", "channel=web")
    assert both["filters"] == {"channel": ["web"], "region": ["North", "South"]}
    told = ask_source(open_source(file), "orders", QUARTER, where={"region": ("North", "South"), "channel": "web"})
    assert both["n"] == told.result.n > 0
    alone = [answer("orders", file, *MONTHS, "--where", f"region={r}", "channel=web")["n"] for r in ("North", "South")]
    assert sum(alone) == both["n"]


def test_rows_where_nothing_is_recorded_can_be_asked_for(answer, file):
    said = answer("orders", file, *MONTHS, "--where", "channel=(none)")
    groups = answer("orders", file, *MONTHS, "--option", "by=channel")["rows"]
    assert said["n"] == next(row["value"] for row in groups if row["group"] is None) > 0


def test_a_filter_without_a_meaning_is_said_in_a_note(answer, file):
    assert any("channel" in note.lower() for note in answer("nps", file, *MONTHS, "--where", "channel=web")["notes"])


def test_chinese_values_are_asked_for_and_printed_as_they_are(command, answer, place_duckdb):
    people = [{"customer_id": "甲", "region": "华北"}, {"customer_id": "乙", "region": '=华南,"x"'}]
    orders = [{"customer_id": "甲", "net": 7}, {"customer_id": "乙", "net": 5}]
    url = place_duckdb.write(World(customers=people, orders=orders))
    assert answer("revenue", url, "--where", "region=华北")["rows"][0]["value"] == 7
    assert answer("revenue", url, "--where", 'region==华南,"x"')["rows"][0]["value"] == 5
    code, out, _ = command("run", "revenue", "--source", url, "--option", "by=region", "--format", "json")
    assert code == 0
    assert "华北" in out
    assert "\\u" not in out


# -- forms ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", all_metrics())
def test_csv_holds_the_rows_in_full(command, answer, file, name):
    code, out, err = command("run", name, "--source", file, *MONTHS, "--format", "csv")
    said = answer(name, file, *MONTHS)
    assert (code, err.splitlines()) == (0, [f"note: {text}" for text in said["notes"]])
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == len(said["rows"])
    for row, exact in zip(rows, said["rows"], strict=True):
        assert list(row) == list(exact)
        for key, cell in exact.items():
            if row[key] != ("" if cell is None else str(cell)):
                assert float(row[key]) == pytest.approx(cell, rel=1e-11, abs=1e-6), key


def test_csv_has_none_of_the_noise_of_binary_fractions(command, tmp_path, templates):
    """0.1 + 0.2 is 0.3."""
    orders = [{"customer_id": who, "ordered_at": "2026-01-05", "net": net} for who, net in (("a", 0.1), ("b", 0.2))]
    path = Place("duckdb", tmp_path, templates).write(World(orders=orders)).split(":///")[1]
    _, out, _ = command(
        "run", "revenue", "--source", path, "--from", "2026-01-01", "--to", "2026-02-01", "--format", "csv"
    )
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["value"] == "0.3"


@pytest.mark.parametrize("form", ["json", "csv", "table"])
@pytest.mark.parametrize(
    ("name", "note"), [("revenue", "The period is unfinished"), ("churn_rate", "A customer counts")]
)
def test_what_has_to_be_said_is_said_in_every_form(command, file, form, name, note):
    code, out, err = command("run", name, "--source", file, "--from", "2026-06-01", "--format", form)
    assert code == 0
    assert note in (err if form == "csv" else out)
    assert note not in (out if form == "csv" else err)


def lines_of(out):
    """The parts of a table: its head, its rows as lists of cells, its last part."""
    head, rows, *rest = out.rstrip("\n").split("\n\n")
    return head, [re.split(r" {2,}", line) for line in rows.splitlines()], rest


def test_the_head_of_a_table_says_what_how_long_against_what_as_of_when_and_of_how_many(command, file):
    _, out, _ = command("run", "revenue", "--source", file, "--from", "2026-06-01", "--to", "2026-07-01", "--where",
                        "region=North", "region=South")  # fmt: skip
    head, _, _ = lines_of(out)
    told = ask_source(open_source(file), "revenue", "2026-06", where={"region": ("North", "South")}).result
    assert head == (
        "Revenue (EUR), 1–30 Jun 2026; compared with the period before, 1–18 May 2026; as of 18 Jun 2026, 18:00 "
        f"Europe/Berlin; n = {told.n}; region = North or South"
    )


def test_a_table_of_one_row_is_read_from_top_to_bottom_with_money_days_and_ratios_as_such(command, file):
    _, out, _ = command("run", "revenue", "--source", file, *MONTHS, "--compare", "year")
    _, rows, _ = lines_of(out)
    told = ask_source(open_source(file), "revenue", QUARTER, comparison="year").result
    row, cells = told.frame.iloc[0], dict(rows)
    assert cells["value (EUR)"] == f"{told.value:,.2f}"
    assert cells["low to high (EUR)"] == f"{told.low:,.2f} to {told.high:,.2f}"
    assert cells["year_value (EUR)"] == f"{row['year_value']:,.2f}"
    assert cells["year_change_ratio"] in (f"{row['year_change_ratio']:.1%}".replace("-", "−"), "–")
    assert cells["year_verdict"] == row["year_verdict"]
    assert not [name for name in cells if name.startswith("previous")]  # the comparison that was not asked for
    assert "NaN" not in out


def test_a_table_of_several_rows_has_days_its_unfinished_bucket_and_no_pandas(command, file):
    _, out, _ = command("run", "revenue", "--source", file, "--from", "2026-04-01", "--to", "2026-07-01", "--grain",
                        "month")  # fmt: skip
    _, rows, rest = lines_of(out)
    told = ask_source(open_source(file), "revenue", "2026-04-01..2026-07-01", shape="trend").result.frame
    assert rows[0] == ["period", "period_end", "value (EUR)", "n", "is_complete"]
    assert [row[:2] for row in rows[1:]] == [["2026-04-01", "2026-05-01"], ["2026-05-01", "2026-06-01"],
                                             ["2026-06-01", "2026-07-01"]]  # fmt: skip
    assert [row[2] for row in rows[1:]] == [f"{value:,.2f}" for value in told["value"]]
    assert [row[-1] for row in rows[1:]] == ["yes", "yes", "no"]
    assert rest[0] == "Without a value: low, high"
    assert len({line.index("yes") for line in out.splitlines() if "yes" in line}) == 1  # columns stand below each other


def test_the_group_that_where_calls_none_is_called_so_in_the_table(command, file):
    _, out, _ = command("run", "orders", "--source", file, *MONTHS, "--option", "by=channel")
    _, rows, _ = lines_of(out)
    (row,) = [row for row in rows if row[0] == "(none)"]
    code, _, _ = command("run", "orders", "--source", file, *MONTHS, "--where", f"channel={row[0]}")
    assert code == 0
    assert "NaN" not in out


def test_rows_of_several_units_carry_each_its_own(command, file):
    _, out, _ = command("run", "kpis", "--source", file, *MONTHS)
    rows = {row[0]: row for row in lines_of(out)[1]}
    assert rows["revenue"][1].endswith(" EUR")
    assert rows["win_rate"][1].endswith("%")
    assert rows["orders"][1].replace(",", "").isdigit()
    _, out, _ = command("run", "revenue_change", "--source", file, *MONTHS)
    rows = {row[0]: row for row in lines_of(out)[1]}
    assert rows["customers"][2].replace(",", "").isdigit()
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", rows["orders_per_customer"][2])
    assert rows["value_per_order"][2].endswith(" EUR")


def test_chinese_names_stand_below_each_other(command, place_duckdb):
    people = [{"customer_id": "a", "region": "华北"}, {"customer_id": "b", "region": "North"}]
    url = place_duckdb.write(World(customers=people, orders=[{"customer_id": "a"}, {"customer_id": "b"}]))
    _, out, _ = command("run", "orders", "--source", url, "--option", "by=region")
    chinese, latin = [next(line for line in out.splitlines() if line.startswith(name)) for name in ("华北", "North")]
    assert chinese.index(" 1 ") + 2 == latin.index(" 1 ")  # two signs that take two places each


@pytest.mark.parametrize("name", all_metrics())
@pytest.mark.parametrize("form", ["json", "table"])
def test_an_empty_answer_says_why(command, place_duckdb, form, name):
    """A company in which hardly anything is recorded, and a period before any of it."""
    url = place_duckdb.write(World(orders=[{"customer_id": "a", "ordered_at": "2026-01-05"}]))
    code, out, err = command(
        "run", name, "--source", url, "--from", "2020-01-01", "--to", "2020-02-01", "--format", form
    )
    assert (code, err) == (0, "")
    assert "Empty DataFrame" not in out
    assert json.loads(out)["notes"] if form == "json" else "\n- " in out


def test_findings_without_a_finding_say_why(answer, file, place_duckdb):
    few = place_duckdb.write(World(orders=[{"customer_id": "a", "ordered_at": f"2026-0{m}-05"} for m in (1, 2, 3)]))
    assert answer("findings", few, "--from", "2026-03-01", "--to", "2026-04-01")["notes"] == [
        "There are too few cases to say what changed."
    ]
    (before,) = answer("findings", file, "--from", "2025-01-02", "--to", "2026-01-01")["notes"]
    assert before.startswith("The data begins on 2 Jan 2025")


def test_a_reader_who_has_seen_enough_ends_the_output_without_a_trace(file):
    """More than a pipe holds, into a reader that closes after one line."""
    run = f"{sys.executable} -m metrics run orders --source {file} --grain day --format json | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", run], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


def test_the_list_names_every_metric_with_its_unit(command):
    code, out, err = command("list")
    assert (code, err) == (0, "")
    assert [tuple(line.split()[:2]) for line in out.splitlines()] == [(m.name, m.unit) for m in all_metrics().values()]


@pytest.mark.parametrize("name", all_metrics())
def test_a_description_says_what_a_metric_is_and_what_can_be_chosen(command, answer, file, name):
    code, out, err = command("describe", name)
    metric = all_metrics()[name]
    assert (code, err) == (0, "")
    assert answer(name, file, *MONTHS)["definition"] in out
    assert f"unit: {metric.unit}" in out
    for option, choice in metric.options.items():
        (line,) = [line for line in out.splitlines() if line.startswith(f"option {option}: ")]
        assert choice.meaning in line
        assert all((value or "(empty)") in line for value in choice.values)
        assert "any text" not in line


@pytest.mark.parametrize(("name", "options"), CHOICES, ids=str)
def test_a_description_names_the_columns_of_every_answer(command, answer, file, name, options):
    _, out, _ = command("describe", name)
    listed = [set(line.partition(": ")[2].split(", ")) for line in out.splitlines() if line.startswith("columns")]
    columns = [column["name"] for column in answer(name, file, *MONTHS, *as_flags(options))["columns"]]
    assert set(columns) in listed
    for column in columns:
        assert re.search(rf"^  {column} +\S+", out, re.MULTILINE), column


@pytest.mark.parametrize("verb", ["list", "docs", "describe", "run"])
def test_a_metric_without_words_is_one_line_that_names_them(command, file, monkeypatch, verb):
    nameless = replace(all_metrics()["orders"], name="returns")
    metrics = {**all_metrics(), "returns": nameless}
    monkeypatch.setattr(registry, "all_metrics", lambda: metrics)
    monkeypatch.setattr("metrics.command.all_metrics", lambda: metrics)
    arguments = {"describe": ["returns"], "run": ["returns", "--source", file]}.get(verb, [])
    code, out, err = command(verb, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    for part in ("name", "definition", "formula"):
        assert err.count(f"`metric.returns.{part}` in i18n/") == 2


# -- what cannot be asked -------------------------------------------------------------------------------------------
BAD = {
    "a metric": (["run", "revenu"], ["'revenu'", "revenue", "win_rate"]),
    "a metric to describe": (["describe", "x"], ["'x'", "revenue", "win_rate"]),
    "a verb": (["tell"], ["'tell'", "list", "describe", "run"]),
    "no verb": ([], ["verb"]),
    "no source": (["run", "revenue", "--source"], ["--source"]),
    "a flag": (["run", "revenue", "--form", "2026"], ["--form"]),
    "a day": (["run", "revenue", "--from", "2026-02-30"], ["--from", "2026-02-30", "2026-03-31"]),
    "a word for a day": (["run", "revenue", "--to", "tomorrow"], ["--to", "tomorrow", "2026-03-31"]),
    "an as-of day": (["run", "revenue", "--as-of", "31.12.2026"], ["--as-of", "31.12.2026", "2026-03-31"]),
    "the last day there is": (["run", "revenue", "--from", "9999-12-31"], ["--from", "2200-01-01"]),
    "the first day there is": (["run", "revenue", "--from", "0001-01-01"], ["--from", "1970-01-01"]),
    "an end that cannot be": (["run", "revenue", "--to", "9999-12-31"], ["--to", "2200-01-01"]),
    "as of the end of time": (["run", "revenue", "--as-of", "9999-12-31"], ["--as-of", "2200-01-01"]),
    "from after to": (["run", "orders", "--from", "2026-03-01", "--to", "2026-02-01"], ["2026-03-01", "2026-02-01"]),
    "an empty period": (["run", "orders", "--from", "2026-03-01", "--to", "2026-03-01"], ["end day is not included"]),
    "an end before the data": (["run", "orders", "--to", "2020-01-01"], ["2020-01-01"]),
    "a dimension": (["run", "revenue", "--where", "colour=red"], ["'colour'", "region", "category"]),
    "a value": (["run", "revenue", "--where", "region=Atlantis"], ["Atlantis", "East", "North", "South", "(none)"]),
    "one value of two": (["run", "revenue", "--where", "region=North", "region=Nroth"], ["Nroth", "North"]),
    "a filter without value": (["run", "revenue", "--where", "region"], ["'region'", "name=value"]),
    "an option": (["run", "revenue", "--option", "colour=red"], ["'colour'", "by", "shape"]),
    "an option without value": (["run", "revenue", "--option", "by"], ["'by'", "name=value"]),
    "an option's value": (["run", "revenue", "--option", "by=colour"], ["'colour'", "(empty), region", "category"]),
    "a text option's value": (["run", "retention", "--option", "max_age=x"], ["max_age", "'x'", "1000"]),
    "a pipeline": (["run", "funnel", "--option", "pipeline=x"], ["'x'"]),
    "another name for a metric": (["run", "win-rte"], ["did you mean 'win_rate'"]),
    "buckets and groups": (
        ["run", "orders", "--grain", "month", "--option", "by=region"],
        ["--grain month", "by=region", "--where region="],
    ),
    "a trend and groups": (["run", "orders", "--option", "by=region", "shape=trend"], ["shape=trend", "by=region"]),
    "buckets and a total": (
        ["run", "orders", "--grain", "month", "--option", "shape=total"],
        ["--grain month", "total"],
    ),
    "buckets of a funnel": (["run", "funnel", "--grain", "week"], ["--grain week", "funnel", "retention", "revenue"]),
    "one option twice": (["run", "orders", "--option", "by=region", "--option", "by=country"], ["region", "country"]),
    "a comparison of a trend": (["run", "orders", "--grain", "week", "--compare", "year"], ["--compare year", "total"]),
    "a comparison of cohorts": (["run", "retention", "--compare", "previous"], ["--compare previous", "retention"]),
    "key figures with a comma": (["run", "kpis", "--option", "only=revenue,orders"], ["'revenue,orders'", "win_rate"]),
    "one of the key figures": (["run", "kpis", "--option", "only=revenue+x"], ["'x'", "win_rate"]),
    "a comparison": (["run", "revenue", "--compare", "tomorrow"], ["previous", "year"]),
    "a grain": (["run", "revenue", "--grain", "hour"], ["day", "week", "month", "quarter", "year"]),
    "a form": (["run", "revenue", "--format", "xml"], ["json", "csv", "table"]),
}


@pytest.mark.parametrize(("arguments", "named"), BAD.values(), ids=[name.replace(" ", "-") for name in BAD])
def test_what_is_wrong_is_one_line_that_names_what_there_is(command, file, arguments, named):
    source = ["--source", file] if arguments[:1] == ["run"] and "--source" not in arguments else []
    code, out, err = command(*arguments, *source)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert [text for text in named if text not in err] == []


def write_others(folder):
    """Files that are no database of ours."""
    (folder / "notes.txt").write_text("no database\n" * 2000)
    (folder / "empty.duckdb").touch()
    (folder / "newer.duckdb").write_bytes(bytes(8) + b"DUCK" + (9999).to_bytes(8, "little") + bytes(4096))


@pytest.mark.parametrize(
    ("source", "named"),
    [
        pytest.param("{folder}/none.duckdb", ["none.duckdb", "import"], id="not-there"),
        pytest.param("{folder}/notes.txt", ["notes.txt", "not a DuckDB file", "import"], id="no-database"),
        pytest.param("{folder}/empty.duckdb", ["empty.duckdb", "import"], id="empty"),
        pytest.param("{folder}/newer.duckdb", ["newer.duckdb"], id="of-a-newer-DuckDB"),
        pytest.param("{folder}", ["folder"], id="a-folder"),
        pytest.param(
            "oracel://host/x",
            ["`oracel`", "databases that can be named are", "duckdb", "postgresql"],
            id="no-such-dialect",
        ),
        pytest.param("://x", ["dialect://user@host:port/database"], id="no-URL"),
        pytest.param("sqlite://", ["folder"], id="in-memory"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_line_with_its_name_and_what_to_do(command, tmp_path, source, named):
    write_others(tmp_path)
    code, out, err = command("run", "revenue", "--source", source.format(folder=tmp_path))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert [text for text in named if text not in err] == []


def test_a_table_that_is_not_held_is_one_line_and_never_a_zero(command, answer, place_duckdb):
    url = place_duckdb.write(World(opportunities=[{"outcome": "won", "closed_at": "2026-01-20"}], without=["orders"]))
    code, out, err = command("run", "revenue", "--source", url)
    assert (code, out) == (2, "")
    assert "`orders`" in err
    assert err.count("\n") == 1
    assert answer("win_rate", url)["n"] == 1


def test_an_empty_database_is_answered_and_nothing_in_it_is_a_zero(answer, place_duckdb):
    url = place_duckdb.write(World())
    for name in ("revenue", "customers", "win_rate", "nps", "churn_rate"):
        said = answer(name, url)
        assert (said["rows"][0]["value"], said["n"]) == (None, 0), name
    assert answer("retention", url)["rows"] == []


def test_it_runs_as_a_module_and_says_what_it_can(file):
    def module(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "metrics", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
        )

    said = module("run", "orders", "--source", file, *MONTHS, "--format", "json")
    assert (said.returncode, said.stderr) == (0, "")
    assert json.loads(said.stdout)["n"] == ask_source(open_source(file), "orders", QUARTER).result.n
    wrong = module("run", "ordrs", "--source", file)
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    assert "Traceback" not in wrong.stderr
