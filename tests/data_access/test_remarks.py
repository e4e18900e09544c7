"""Words that no value map knows are told beside every figure that reads their table, and asked for once."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import event

from data_access import database as databases
from data_access.access import Policy
from data_access.doctor import examine
from data_access.extract.run import Job, extract
from data_access.place import find_place
from data_access.source import open_source
from i18n.words import LANGUAGES, load_words
from metrics import answers
from metrics.answers import Answer
from metrics.command import main
from metrics.notes import sentence
from tests.mappings.native import Native, reading
from tests.pages.walk import open_page
from tests.worlds import World, ask_source, forget
from ui import faults

DEALS = """
deal: id whole, stage text, opened moment, closed moment
sale: id whole, state text, at moment, sum decimal
buyer: id whole, name text, kind text
"""
FILES = {
    "stages.sql": "SELECT d.stage AS stage_id, MIN(d.id) AS position, stage_outcome(d.stage) AS outcome FROM deal AS d "
    "GROUP BY d.stage",
    "deals.sql": "SELECT text(d.id) AS opportunity_id, d.stage AS stage_id, stage_outcome(d.stage) AS outcome, "
    "d.opened AS created_at, d.closed AS closed_at FROM deal AS d",
    "orders.sql": "SELECT text(s.id) AS order_id, '1' AS customer_id, mapped(s.state, 'state') AS status, "
    "s.state AS status_raw, s.at AS ordered_at, s.sum AS net FROM sale AS s",
    "customers.sql": "SELECT text(id) AS customer_id, name AS name, mapped(kind, 'kind') AS kind, "
    "(SELECT MIN(s.at) FROM sale AS s) AS first_seen_at FROM buyer",
    "mapping.toml": """id = "deals"
[settings]
base_currency = "EUR"
[stage_outcomes]
Offer = "open"
Won = "won"
Lost = "lost"
[value_maps.state]
paid = "confirmed"
[value_maps.kind]
firm = "company"
[tables.pipelines_stages]
sql = "stages.sql"
[tables.opportunities]
sql = "deals.sql"
[tables.orders]
sql = "orders.sql"
[tables.customers]
sql = "customers.sql"
""",
}
ROWS = {
    "deal": [
        {"stage": "Offer", "opened": "2026-01-02"},
        {"stage": "Won", "opened": "2026-01-02", "closed": "2026-01-20"},
        {"stage": "Lost", "opened": "2026-01-02", "closed": "2026-01-21"},
        {"stage": "Paused <b>", "opened": "2026-01-03", "closed": "2026-01-22"},
        {"stage": "Paused <b>", "opened": "2026-01-04"},
    ],
    "sale": [
        {"state": "paid", "at": "2026-01-05", "sum": 10},
        {"state": "Offen", "at": "2026-01-05", "sum": 100},
    ],
    "buyer": [{"name": "Ann", "kind": "ngo"}],
}
FOLDER = Path(tempfile.mkdtemp(prefix="clientele-words-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for file, content in FILES.items():
    (FOLDER / file).write_text(content)
crm = reading(str(FOLDER), DEALS, "duckdb", "sqlite", "postgresql", "mariadb")
TOLD = """
    [stage_outcomes]
    "Paused <b>" = "open"
    [value_maps.state]
    Offen = "confirmed"
    [value_maps.kind]
    ngo = "company"
"""


def said(answer: Answer, language: str = "en") -> list[str]:
    """What is said of the data behind an answer."""
    return [sentence(one, load_words(language), "UTC") for one in answer.remarks]


def test_every_figure_says_what_becomes_of_rows_whose_word_nobody_knows(crm):
    company = crm(**ROWS)
    assert company.ask("win_rate", "2026-01").result.n == 2, "one won, one lost"
    assert company.ask("funnel", "2026-01").result.still_open == 1, "a paused deal is not open"
    told = (
        "In the whole of the data, 2 opportunities are in stages without an outcome (“Paused <b>”). They count neither "
        "as open, won nor lost until the stages stand under [stage_outcomes] in clientele.toml."
    )
    for metric in ("win_rate", "funnel", "time_in_stage"):
        assert said(company.ask(metric, "2026-01")) == [told], metric
    revenue = company.ask("revenue", "2026-01")
    assert revenue.result.value == 10
    assert "1 order has a status that no value map knows (“Offen”). It counts in no figure" in said(revenue)[0]
    assert "[value_maps.state]" in said(revenue)[0]
    (people,) = said(company.ask("revenue", "2026-01", by="region"))[1:]
    assert "1 row of “customers” has a kind that no value map knows (“ngo”)" in people
    kpis = [one.key for one in company.ask("kpis", "2026-01").notes]
    assert kpis.count("words_orders_status") == kpis.count("words_opportunities_outcome") == 1
    assert "[stage_outcomes]" in said(company.ask("win_rate", "2026-01"), "zh-CN")[0]


def test_an_extract_says_the_same_of_words_as_its_source(crm, tmp_path):
    company, target = crm(**ROWS), tmp_path / "taken.duckdb"
    extract(Job(find_place(str(company.file)), target))
    file = open_source(str(target))
    for metric, by in (("win_rate", ""), ("revenue", "region"), ("kpis", "")):
        way = {"by": by} if by else {}
        live = company.ask(metric, "2026-01", **way)
        assert said(ask_source(file, metric, "2026-01", **way)) == said(live) != []
    live_words, words = (
        [problem for problem in examine(str(one)).problems if problem.rule == "unmapped_value"]
        for one in (company.file, target)
    )
    assert words == live_words != []
    somebody = open_source(str(target), Policy("half", regions=("North",)))
    assert not [text for text in said(ask_source(somebody, "revenue", "2026-01")) if "Offen" in text]
    forget(str(target))


def test_what_is_told_in_the_settings_file_is_not_said_any_more(crm):
    company = crm(own=TOLD, **ROWS)
    assert company.ask("revenue", "2026-01").result.value == 110
    for metric in ("revenue", "win_rate", "funnel", "kpis"):
        assert said(company.ask(metric, "2026-01")) == []


def test_words_are_asked_for_once_as_long_as_what_is_known_of_a_server_holds(crm, monkeypatch):
    company = crm(**ROWS)
    source = company.source()
    ask_source(source, "win_rate", "2026-01")
    asked = []
    with source.base.reading() as (engine, _):
        event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        for month in ("2026-02", "2026-03", "2025-12"):
            assert said(ask_source(source, "win_rate", month))
        source.base.forget()
        answers.forget()
        assert said(ask_source(source, "win_rate", "2026-01"))
    assert not [statement for statement in asked if "_unmapped" in statement]


def test_words_that_cannot_be_told_do_not_take_the_figure_along(crm, monkeypatch):
    def fails(*_: object) -> None:
        raise databases.SourceError("It took too long.", key="query_too_long")

    monkeypatch.setattr(databases, "unmapped_words", fails)
    company = crm(**ROWS)
    assert company.ask("revenue", "2026-01").result.value == 10
    assert said(company.ask("revenue", "2026-01")) == []


def test_who_may_not_see_all_rows_is_not_told_their_words(crm):
    company = crm(**ROWS)
    source = open_source(str(company.file), Policy("half", regions=("North",)))
    texts = said(ask_source(source, "revenue", "2026-01"))
    assert texts
    assert not [text for text in texts if "Offen" in text or "1 " in text]


def test_the_command_line_says_it_as_well(crm, capsys):
    company: Native = crm(**ROWS)
    asked = ["run", "win_rate", "--source", str(company.file), "--from", "2026-01-01", "--to", "2026-02-01"]
    assert main([*asked, "--format", "json"]) == 0
    assert any("“Paused <b>”" in one for one in json.loads(capsys.readouterr().out)["notes"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_panels_of_a_page_say_it(language, tmp_path):
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute("CREATE TABLE deal (id INTEGER, stage TEXT, opened TIMESTAMP, closed TIMESTAMP)")
        connection.execute('CREATE TABLE sale (id INTEGER, state TEXT, "at" TIMESTAMP, sum DOUBLE)')
        connection.execute("CREATE TABLE buyer (id INTEGER, name TEXT, kind TEXT)")
        for number, row in enumerate(ROWS["deal"]):
            values = [number, row["stage"], row["opened"], row.get("closed")]
            connection.execute("INSERT INTO deal VALUES (?, ?, ?, ?)", values)
    file = tmp_path / "clientele.toml"
    file.write_text(f'source = "crm.duckdb"\nmapping = "{FOLDER}"\n')
    page = open_page("funnel", language, str(file), period="2026-01-01..2026-02-01")
    notes = [body for body in page.html if 'class="notes"' in body and "[stage_outcomes]" in body]
    assert len(notes) == len(page.panels)
    assert all("Paused &lt;b&gt;" in body for body in notes)
    assert page.faults.texts == []
    forget(str(file))


def test_what_an_import_left_out_or_emptied_is_said(place_duckdb):
    url = place_duckdb.write(World(orders=[{"net": 10, "ordered_at": "2026-01-05"}]))
    with duckdb.connect(url.split(":///")[1]) as connection:
        connection.execute(
            'CREATE TABLE import_log ("rule" TEXT, "action" TEXT, "table" TEXT, "column" TEXT, "count" BIGINT, '
            '"example" TEXT, "text" TEXT)'
        )
        for rule, column in (("unmapped_value", "status"), ("unmapped_cleared", "channel"), ("twice", "net")):
            connection.execute("INSERT INTO import_log VALUES (?, 'x', 'orders', ?, 3, 'Void', '')", [rule, column])
    source = open_source(url)
    left_out, emptied = said(ask_source(source, "revenue", "2026-01"))
    assert left_out.startswith("The import left out 3 rows of “orders” because no value map knows their status")
    assert emptied.startswith("The import emptied channel in 3 rows of “orders”")
    assert said(ask_source(source, "win_rate", "2026-01")) == []
    forget(url)


# -- what is not there ---------------------------------------------------------------------------------------------
GONE = {
    "buyer": ("The database has no table “buyer”.", "数据库中没有“buyer”表。"),
    "buyer.name": (
        "customers.sql line 1 reads the column “name”, which is not there.",
        "customers.sql line 1 要读取“name”列，而库中没有这一列。",
    ),
}


@pytest.mark.parametrize("gone", GONE)
def test_why_a_table_is_not_there_is_told_in_both_languages_live_and_from_an_extract(crm, gone, tmp_path):
    people = {} if gone == "buyer" else {"buyer": [{"kind": "firm"}]}
    company = crm(without=(gone,), own=TOLD, sale=ROWS["sale"], **people)
    target = tmp_path / "taken.duckdb"
    extract(Job(find_place(str(company.file)), target))
    for source in (company.source(), open_source(str(target))):
        missing = ask_source(source, "revenue", "2026-01", by="region").missing
        for language, why in zip(LANGUAGES, GONE[gone], strict=True):
            assert why in faults.sentence(missing, load_words(language)), source.base.name
    forget(str(target))
