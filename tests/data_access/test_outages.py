"""The database goes away under open questions and comes back: old answers stand with their age, and nothing sticks."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from data_access import account, running
from data_access import database as databases
from data_access.errors import SourceError, UnreachableError
from data_access.source import open_source
from i18n.words import load_words
from metrics import answers
from metrics.answers import ask
from metrics.kpis import NAMES
from tests import private_servers, servers
from tests.activity import within
from tests.private_servers import PrivateServer
from tests.worlds import World, ask_source, fill, filters, forget
from ui.outage import age, how_long

WORLD = World(orders=[{"customer_id": "ann", "ordered_at": "2026-01-05", "net": 120, "channel": "web"}])
RECOVERS = 10.0  # seconds, of threats.md


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.engines) for name in servers.DEFAULTS])
def server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    """A server of its own that holds the company, and is stopped and started by these tests."""
    found = private_servers.own(request.param)
    if found is None:
        pytest.skip(f"no {request.param} is installed")
    engine = create_engine(found.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE company"))
    engine.dispose()
    engine = create_engine(make_url(found.url).set(database="company"))
    servers.tables_for(request.param).create_all(engine)
    fill(engine, WORLD)
    engine.dispose()
    found.url = make_url(found.url).set(database="company").render_as_string(hide_password=False)
    yield found
    found.stop()


@pytest.fixture
def later(monkeypatch):
    """later(): a minute passes, after which nothing that is remembered of a server is new."""
    minutes = itertools.count(1)
    now = [0]
    monkeypatch.setattr(databases.Database, "_look", lambda self, _: str(now[0]))
    monkeypatch.setattr(databases, "LOOK_EVERY", 0.0)
    return lambda: now.__setitem__(0, next(minutes))


@pytest.fixture
def up(server, later, monkeypatch):
    """URL of the server, running; when it is down it is tried again soon."""
    if server.process is None:
        server.start()
    monkeypatch.setattr(databases, "CALM", 0.2)
    monkeypatch.setattr(running, "AGAIN_AFTER", 0.1)
    monkeypatch.setenv(account.ALLOWED, str(make_url(server.url).username))
    answers.forget()
    yield server.url
    forget(server.url)


def test_the_last_good_answer_stands_with_its_age_and_the_next_one_is_new(server, up, later):
    source = open_source(up)
    before = ask("revenue", source, filters("2026-01"))
    assert (before.result.value, before.outage) == (120, "")
    server.stop()
    later()
    down = ask("revenue", open_source(up), filters("2026-01"))
    assert (down.result.value, down.outage, down.read_at) == (120, "source_unreachable", before.read_at)
    with pytest.raises(UnreachableError):
        ask("revenue", source, filters("2026-02"))
    server.start()
    began = time.monotonic()
    assert within(RECOVERS, lambda: ask("revenue", source, filters("2026-01")).outage == "")
    assert time.monotonic() - began < RECOVERS
    assert ask("revenue", source, filters("2026-02")).result.value == 0
    source.base.knock()


def test_what_is_put_together_of_several_answers_is_never_old_in_parts(server, up, later):
    source = open_source(up)
    assert ask("revenue", source, filters("2026-01")).result.value == 120
    server.stop()
    later()
    with pytest.raises(UnreachableError):
        ask("kpis", source, filters("2026-01"))
    assert "revenue" in NAMES


def test_while_it_is_down_an_answer_comes_at_once(server, up, later):
    source = open_source(up)
    ask("revenue", source, filters("2026-01"))
    server.stop()
    later()
    ask("revenue", source, filters("2026-01"))
    began = time.monotonic()
    for _ in range(20):
        assert ask("revenue", source, filters("2026-01")).outage
    assert time.monotonic() - began < 3


def test_a_server_that_is_down_at_the_start_is_one_sentence_until_it_is_up(server, up):
    server.stop()
    for _ in range(2):
        with pytest.raises(UnreachableError, match="does not answer") as fault:
            open_source(up)
        assert fault.value.key == "source_unreachable"
    server.start()
    began = time.monotonic()
    while time.monotonic() - began < RECOVERS:
        try:
            assert ask("revenue", open_source(up), filters("2026-01")).result.value == 120
            break
        except UnreachableError:
            time.sleep(0.05)
    else:
        pytest.fail("it did not recover")


def test_a_restart_between_two_questions_is_not_noticed(server, up, later):
    source = open_source(up)
    assert ask("revenue", source, filters("2026-01")).result.value == 120
    server.stop()
    server.start()
    later()
    assert ask("revenue", source, filters("2026-01")).outage == ""


# -- locked files ---------------------------------------------------------------------------------------------------
def test_a_locked_file_shows_what_was_read_before_and_goes_on_when_it_is_free(place_sqlite, monkeypatch):
    monkeypatch.setattr(databases, "LOOK_EVERY", 0.0)
    url = place_sqlite.write(WORLD)
    path = Path(url.split(":///")[1])
    source = open_source(url)
    assert ask("revenue", source, filters("2026-01")).outage == ""
    with source.base.reading() as (engine, _), engine.connect() as connection:
        connection.execute(text("PRAGMA busy_timeout = 50"))
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    answers._ANSWERS.clear()
    source.base.forget()
    locked = ask("revenue", source, filters("2026-01"))
    assert (locked.result.value, locked.outage) == (120, "source_locked")
    with pytest.raises(UnreachableError, match="being written by another program"):
        ask("revenue", source, filters("2026-02"))
    writer.execute("UPDATE orders SET net = 60, gross = 60, net_base = 60")
    writer.execute("COMMIT")
    writer.close()
    free = ask("revenue", source, filters("2026-01"))
    assert (free.result.value, free.outage) == (60, "")
    forget(url)


def test_a_file_that_was_taken_away_shows_nothing_old(place_duckdb, monkeypatch, tmp_path):
    monkeypatch.setattr(databases, "LOOK_EVERY", 0.0)
    url = place_duckdb.write(WORLD)
    source = open_source(url)
    assert ask("revenue", source, filters("2026-01")).outage == ""
    shutil.move(url.split(":///")[1], tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="no file"):
        ask("revenue", source, filters("2026-01"))
    forget(url)


# -- tables that change underneath ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["sqlite", *servers.DEFAULTS])  # nobody can write to a DuckDB file that is open
@pytest.mark.parametrize(
    ("statement", "missing"),
    [("ALTER TABLE orders DROP COLUMN channel", ""), ("DROP TABLE order_items", "order_items")],
)
def test_what_disappears_is_told_by_whom_it_concerns_and_the_rest_works(name, statement, missing, load_on):
    source = load_on(name, World(orders=[{"net": 5, "lines": [("Bikes", 5)]}], without=()))
    url = source.base.url.render_as_string(hide_password=False)
    assert ask_source(source, "revenue", "2026-01", by="category").result.frame["value"].tolist() == [5]
    engine = create_engine(url if name == "sqlite" else servers.writer(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    if name != "sqlite":  # it is made again before the database is lent to another test
        home, filled, _ = servers.running(name).lent[url]
        servers.running(name).lent[url] = home, filled, (missing or "orders.channel",)
    answers.forget()
    source.base.forget()
    assert ask_source(source, "revenue", "2026-01").result.value == 5
    concerned = ask_source(source, "revenue", "2026-01", by="category" if missing else "channel")
    if missing:
        assert concerned.missing is not None
        assert concerned.missing.table == missing
    else:
        assert concerned.result.n == 1  # a column that may be empty: nothing is recorded in it
    assert ask_source(source, "orders", "2026-01").result.value == 1


# -- how old --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("passed", "english", "chinese"),
    [
        (timedelta(seconds=5), "1 minute", "1 分钟"),
        (timedelta(minutes=4, seconds=59), "4 minutes", "4 分钟"),
        (timedelta(minutes=119), "119 minutes", "119 分钟"),
        (timedelta(hours=2), "2 hours", "2 小时"),
        (timedelta(hours=47), "47 hours", "47 小时"),
        (timedelta(days=3), "3 days", "3 天"),
        (timedelta(seconds=-7200), "1 minute", "1 分钟"),
    ],
)
def test_an_age_is_told_in_its_largest_whole_unit(passed, english, chinese):
    assert how_long(passed, load_words("en")) == english
    assert how_long(passed, load_words("zh-CN")) == chinese


def test_an_old_answer_says_when_it_was_read_on_the_companys_clocks(load_on):
    from dataclasses import replace

    source = load_on("duckdb", World(orders=[{"net": 1}], settings={"timezone": "Asia/Shanghai"}))
    answer = ask("revenue", source, filters("2026-01"))
    read = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=4, seconds=3)
    old = replace(answer, outage="source_unreachable", read_at=read)
    local = f"{read + timedelta(hours=8):%H:%M}"
    assert local in age(old, load_words("en"))
    assert "4 minutes old" in age(old, load_words("en"))
    assert local in age(old, load_words("zh-CN"))
