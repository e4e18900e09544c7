"""The set-up page: only for a fresh install and whoever knows the code; it writes what the command writes."""

from __future__ import annotations

import sqlite3
import threading
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from data_access.extract.run import Job, Tell, extract
from data_access.place import find_place
from data_access.schema import TABLES
from data_access.source import open_source
from i18n.words import LANGUAGES, load_words
from tests.activity import within
from tests.data_access.test_extract_apart import apart
from tests.pages.walk import NO_SOURCE, ROOT, database
from ui import company, ready, setup
from ui.extraction import extraction
from ui.faults import as_label
from ui.site import FRESH

EN, CHINESE = load_words("en"), load_words("zh-CN")
OTHER_LANGUAGE = "简体中文"


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page of a fresh install, in English."""
    monkeypatch.setattr(company, "SETTINGS", tmp_path / "clientele.toml")
    monkeypatch.delenv("CLIENTELE_SOURCE", raising=False)
    setup.gate.cache_clear()
    yield opened("en")
    setup.gate.cache_clear()


def opened(language: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    with database(NO_SOURCE):
        app.run()
    app.query_params["lang"] = language
    return app.switch_page(FRESH.script).run()


def texts(app: AppTest) -> str:
    shown = [one.proto.body for one in app.get("html")] + [one.value for one in app.error]
    return " ".join(shown)


def go_on(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def let_in(app: AppTest) -> AppTest:
    app.text_input[0].set_value(setup.gate().code)
    return go_on(app, EN("page.setup.go_on"))


def look(app: AppTest, url: str) -> AppTest:
    app.text_input[0].set_value(url)
    return go_on(app, EN("page.setup.look"))


def canonical(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE orders AS SELECT 'o1' AS order_id, 'c1' AS customer_id, TIMESTAMP '2026-01-01' AS ordered_at, "
            "'EUR' AS currency, 10.0 AS gross, 10.0 AS net"
        )
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_in_both_languages(fresh, language):
    app, words = opened(language), load_words(language)
    assert not app.exception
    assert words("page.setup.title") in texts(app)


def test_nothing_is_asked_without_the_code(fresh):
    fresh.text_input[0].set_value("00000000")
    app = go_on(fresh, EN("page.setup.go_on"))
    assert EN("page.setup.wrong_code") in texts(app)
    assert [one.label for one in app.text_input] == [EN("page.setup.code")]


def test_after_too_many_wrong_codes_the_right_one_opens_nothing():
    gate = setup.Gate()
    assert [gate.opens("x") for _ in range(setup.MOST_TRIES)] == [False] * setup.MOST_TRIES
    assert not gate.opens(gate.code)
    assert setup.Gate().opens(gate.code) is False, "every start has a code of its own"


def test_from_the_code_to_the_written_file(fresh, tmp_path):
    path = canonical(tmp_path / "own.duckdb")
    app = look(let_in(fresh), str(path))
    assert EN("page.setup.canonical") in texts(app)
    assert EN("page.setup.serves.orders") in texts(app)
    go_on(app, EN("page.setup.write"))
    assert tomllib.loads((tmp_path / "clientele.toml").read_text()) == {"source": "own.duckdb"}
    assert find_place(str(tmp_path / "clientele.toml")).url.database == str(path)
    assert not setup.is_fresh()


def test_a_database_that_cannot_be_read_is_one_sentence(fresh, tmp_path):
    app = look(let_in(fresh), str(tmp_path / "nowhere.duckdb"))
    assert "nowhere" in texts(app)
    assert not app.exception
    assert not (tmp_path / "clientele.toml").exists()


def test_a_connected_install_offers_nothing(fresh, tmp_path):
    (tmp_path / "clientele.toml").write_text('source = "x.duckdb"')
    app = opened("en")
    assert EN("page.setup.connected") in texts(app)
    assert not app.text_input


# -- an install that reads an extract ------------------------------------------------------------------------------
@pytest.fixture
def extracted(fresh, tmp_path: Path) -> Iterator[Path]:
    """The database of an install whose settings file names an extract that has not been taken yet."""
    path = tmp_path / "own.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMP, currency TEXT, gross REAL, "
            "net REAL); INSERT INTO orders VALUES ('o1', 'c1', '2026-01-01 00:00:00', 'EUR', 10, 10)"
        )
    (tmp_path / "clientele.toml").write_text('source = "own.sqlite"\nextract = "copy.duckdb"\n')
    extraction.cache_clear()
    yield path
    extraction.cache_clear()


def take(app: AppTest, label: str) -> AppTest:
    """Press a button and wait until what it has begun is over."""
    app = go_on(app, EN(f"page.setup.{label}"))
    extraction()._thread.join(60)
    return app.run()


def rows_there() -> int:
    """How many orders the app reads."""
    query = select(func.count().label("n")).select_from(TABLES["orders"])
    return int(open_source(company.source_name()).base.fetch(query)["n"].iloc[0])


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button if one.label != OTHER_LANGUAGE]


def test_the_data_are_taken_by_a_button_behind_the_code(extracted):
    app = opened("en")
    assert labels(app) == [EN("page.setup.go_on")]
    app = let_in(app)
    assert labels(app) == [EN("page.setup.take_changes"), EN("page.setup.take_all")]
    app = take(app, "take_changes")
    assert app.success[0].value == as_label(EN("page.setup.took", rows="1", tables="1"))
    assert rows_there() == 1
    with closing(sqlite3.connect(extracted)) as connection:
        connection.execute("INSERT INTO orders SELECT 'o2', customer_id, ordered_at, currency, gross, net FROM orders")
        connection.commit()
    app = take(app, "take_all")
    assert app.success[0].value == as_label(EN("page.setup.took", rows="2", tables="1"))
    assert within(5, lambda: rows_there() == 2), "a file is looked at every second"
    assert any("own" in one.value for one in app.markdown), "it says of which database the file is"


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_far_it_is_is_told_in_both_languages(extracted, language, monkeypatch):
    held, words = threading.Event(), load_words(language)

    def takes_long(job: Job, tell: Tell) -> None:
        extract(job, tell)
        held.wait(60)

    monkeypatch.setattr("ui.extraction.extract", takes_long)
    app = opened(language)
    app.text_input[0].set_value(setup.gate().code)
    app = go_on(app, words("page.setup.go_on"))
    go_on(app, words("page.setup.take_all"))
    assert within(30, lambda: len(extraction().lines) == 2)
    (told,) = [one.value for one in app.run().code]
    held.set()
    extraction()._thread.join(30)
    first, second = told.splitlines()
    assert first == words("page.setup.line.all")
    assert second.startswith(words("page.setup.line.taken", table="orders", rows=1, seconds="#").partition("#")[0])


def test_a_button_that_fails_says_why_and_leaves_the_file(extracted, tmp_path):
    app = take(let_in(opened("en")), "take_changes")
    extracted.rename(tmp_path / "elsewhere.sqlite")
    app = take(app, "take_all")
    assert "own" in app.error[0].value
    assert not app.success
    assert rows_there() == 1


def test_two_who_press_it_start_one(extracted, monkeypatch):
    held, begun = threading.Event(), []
    monkeypatch.setattr("ui.extraction.extract", lambda *given: (begun.append(given), held.wait(30)))
    app = let_in(opened("en"))
    app = go_on(app, EN("page.setup.take_changes"))
    other = let_in(opened("en"))
    extraction().start(company.source_name(), is_full=True)
    assert not [one for one in other.button if one.label == EN("page.setup.take_all")]
    held.set()
    extraction()._thread.join(30)
    assert len(begun) == 1


@pytest.mark.parametrize("named", ["", 'extract = "copy.duckdb"\n'])
def test_the_server_prints_the_code_only_where_there_is_something_to_do(fresh, tmp_path, capsys, named):
    (tmp_path / "clientele.toml").write_text(f'source = "own.duckdb"\n{named}')
    setup.announce()
    assert (setup.gate().code in capsys.readouterr().out) is bool(named)


def test_systems_in_different_databases_are_taken_by_the_button(fresh, tmp_path):
    apart(("duckdb", "sqlite"), tmp_path).file.rename(tmp_path / "clientele.toml")
    extraction.cache_clear()
    app = opened("zh-CN")
    app.text_input[0].set_value(setup.gate().code)
    app = go_on(app, CHINESE("page.setup.go_on"))
    assert any(as_label(CHINESE("page.setup.not_taken_apart")) == one.value for one in app.markdown)
    assert ready._fault() == "extract_not_taken"
    app = take(let_in(opened("en")), "take_changes")
    assert app.success
    assert [sum(as_label(name) in one.value for one in app.markdown) for name in ("corner_data", "mart_data")] == [1, 1]
    assert rows_there() == 420
    assert ready._fault() == ""
    extraction.cache_clear()
