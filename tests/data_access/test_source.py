"""data_access/source.py, database.py, engines.py: one door, read-only, that says plainly what is wrong and recovers."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Float,
    Integer,
    String,
    case,
    cast,
    func,
    literal_column,
    make_url,
    null,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from data_access import database as databases
from data_access import engines, failures
from data_access.access import Policy
from data_access.errors import ForbiddenError, NotHeldError, SourceError
from data_access.functions import bucket_start
from data_access.place import Place
from data_access.schema import TABLES
from data_access.settings import Settings
from data_access.source import open_source
from metrics.answers import ask
from tests.worlds import World, ask_source, filters, forget

ORDERS = World(
    orders=[
        {"order_id": "a", "customer_id": "ann", "ordered_at": "2026-01-05 10:00", "net": 120, "channel": "web"},
        {"order_id": "b", "customer_id": "bob", "ordered_at": "2026-01-06", "net": 80},
    ],
    customers=[{"customer_id": "ann", "region": "North"}, {"customer_id": "bob", "region": "South"}],
)


def path_of(url):
    """The file of a URL."""
    return Path(url.split(":///")[1])


def refusal(source):
    """The sentence with which a source cannot be opened."""
    with pytest.raises(SourceError) as caught:
        open_source(str(source))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def at_once(monkeypatch):
    """Look at the file at every question, so that a test need not wait."""
    monkeypatch.setattr(databases, "LOOK_EVERY", 0.0)


def revenue(source, when="2026-01"):
    """Revenue of a month."""
    return ask_source(source, "revenue", when).result.value


# -- read-only ------------------------------------------------------------------------------------------------------
FORBIDDEN = {
    "insert": "INSERT INTO users (user_id, name, is_active, is_integration) VALUES ('x', 'x', true, false)",
    "update": "UPDATE orders SET net = 0",
    "create": "CREATE TABLE other (x INTEGER)",
    "drop": "DROP TABLE orders",
    "read a file": "SELECT * FROM read_csv('{folder}/secret.csv')",
    "read a text": "SELECT * FROM read_text('{folder}/secret.csv')",
    "list files": "SELECT * FROM glob('{folder}/*')",
    "read a file by its name": "SELECT * FROM '{folder}/secret.csv'",
    "attach": "ATTACH '{folder}/other.duckdb' AS other",
    "copy out": "COPY orders TO '{folder}/out.csv'",
    "copy in": "COPY users FROM '{folder}/secret.csv'",
    "export": "EXPORT DATABASE '{folder}/out'",
    "set": "SET enable_external_access = true",
    "unlock": "SET lock_configuration = false",
    "more memory": "SET memory_limit = '64GB'",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
}


@pytest.fixture
def locked(load_on, tmp_path):
    """A DuckDB source, with a file beside it that nobody may read."""
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    return load_on("duckdb", ORDERS)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_duckdb_only_reads_its_own_tables(locked, tmp_path, what):
    with pytest.raises(SourceError), locked.base.reading() as (engine, _), engine.connect() as connection:
        connection.execute(text(FORBIDDEN[what].format(folder=tmp_path))).fetchall()
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "other.duckdb").exists()


@pytest.mark.parametrize("what", ["insert", "update", "create", "drop"])
def test_sqlite_only_reads(load_on, what):
    source = load_on("sqlite", ORDERS)
    with pytest.raises(SourceError), source.base.reading() as (engine, _), engine.connect() as connection:
        connection.execute(text(FORBIDDEN[what]))


def test_sqlite_cannot_be_told_to_write(load_on):
    source = load_on("sqlite", ORDERS)
    with source.base.reading() as (engine, _), engine.connect() as connection:
        connection.execute(text("PRAGMA query_only = OFF"))
        with pytest.raises(DBAPIError, match="readonly"):
            connection.execute(text(FORBIDDEN["insert"]))


def test_nothing_is_written_beside_the_file(load, tmp_path):
    source = load(ORDERS)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert revenue(source) == 200
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# -- what can be wrong ----------------------------------------------------------------------------------------------
def test_a_file_that_is_not_there_is_named_and_says_what_to_do(tmp_path):
    sentence = refusal(tmp_path / "gone.duckdb")
    assert str(tmp_path / "gone.duckdb") in sentence
    assert "make demo" in sentence
    assert "import" in sentence


@pytest.mark.parametrize("name", ["gone.sqlite", "gone.sqlite3", "gone.db"])
def test_a_sqlite_file_that_is_not_there_is_named(tmp_path, name):
    assert str(tmp_path / name) in refusal(tmp_path / name)


def test_a_folder_is_called_a_folder(tmp_path):
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04" * 10, b"\x00" * 4096])
def test_a_file_that_is_no_database_is_called_so(tmp_path, content):
    path = tmp_path / "other.duckdb"
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path} is not a DuckDB file")


def test_a_broken_sqlite_file_is_one_sentence(tmp_path):
    path = tmp_path / "broken.sqlite"
    path.write_bytes(b"SQLite format 3\x00" + b"\x07" * 500)
    assert str(path) in refusal(path)


def test_a_duckdb_file_that_ends_early_is_one_sentence(place_duckdb, tmp_path):
    path = tmp_path / "short.duckdb"
    path.write_bytes(path_of(place_duckdb.write(ORDERS)).read_bytes()[:5000])
    assert str(path) in refusal(path)


def test_a_file_of_a_newer_duckdb_says_what_to_do(place_duckdb):
    path = path_of(place_duckdb.write(ORDERS))
    content = bytearray(path.read_bytes())
    assert content[8:12] == b"DUCK"
    assert content[:8] == checksum(content[8:4096])
    content[12:20] = (999).to_bytes(8, "little")  # the version of the storage format in the file's header
    content[:8] = checksum(content[8:4096])
    path.write_bytes(content)
    assert "newer DuckDB" in refusal(path)


def checksum(block):
    """The checksum that DuckDB writes before each block: 5381 with every 64-bit word, multiplied, folded in."""
    found = 5381
    for (word,) in struct.iter_unpack("<Q", block):
        found ^= word * 0xBF58476D1CE4E5B9 % 2**64
    return found.to_bytes(8, "little")


def test_a_damaged_file_is_not_called_locked_or_newer(place_duckdb, tmp_path):
    (tmp_path / "locksmith").mkdir()
    path = tmp_path / "locksmith" / "damaged.duckdb"
    content = bytearray(path_of(place_duckdb.write(ORDERS)).read_bytes())
    content[:8] = bytes(8)
    path.write_bytes(content)
    assert "Corrupt" in refusal(path)


def test_a_file_that_another_program_writes_says_so_and_opens_afterwards(place_duckdb):
    path = path_of(place_duckdb.write(ORDERS))
    code = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    writer = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert writer.stdout.readline().strip() == b"open"
        assert "being written by another program" in refusal(path)
    finally:
        writer.communicate(b"\n", timeout=20)
    assert revenue(open_source(str(path))) == 200
    forget(str(path))


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("nothing://x", "No driver for `nothing`"),
        ("duckdb:///:memory:", "no file"),
        ("://", "not a URL"),
        ("http//x", "no file"),
    ],
)
def test_an_address_that_is_none_is_one_sentence(source, part):
    assert part in refusal(source)


def test_an_extra_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "extra `postgres`" in refusal("postgresql+psycopg://someone:secret@nowhere/db")


def test_a_password_never_appears():
    url = make_url("mysql+pymysql://someone:s3cret@localhost/db")
    sentence = str(failures.explain(OSError("access denied using s3cret\nat line 1"), url))
    assert "localhost" in sentence
    assert "s3cret" not in sentence
    assert "\n" not in sentence
    assert "s3cret" not in databases.Database(Place(url)).name


def test_a_moment_that_is_none_is_one_sentence(place_sqlite):
    path = path_of(place_sqlite.write(ORDERS))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE orders SET ordered_at = 'yesterday'")
    with pytest.raises(ForbiddenError) as fault:
        open_source(str(path)).crm.table("orders")
    assert str(path) in str(fault.value)
    forget(str(path))


def test_a_file_in_a_folder_with_an_odd_name_opens(place, tmp_path):
    folder = tmp_path / ("50% of #1 数据 'x'" + "?" * (place.name == "sqlite"))  # DuckDB cannot open it
    folder.mkdir()
    path = folder / path_of(place.write(ORDERS)).name
    shutil.copy(tmp_path / path.name, path)
    assert revenue(open_source(str(path))) == 200
    forget(str(path))


# -- settings -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("column", "value"), [("week_start", 0), ("week_start", 8), ("fiscal_year_start_month", 13)])
def test_a_setting_that_cannot_be_is_named(place, column, value):
    sentence = refusal(place.write(World(settings={column: value})))
    assert f"`settings.{column}` is {value}" in sentence


def test_settings_that_are_not_there_have_defaults(load):
    settings = load(World(without=["settings"])).settings
    assert (settings.base_currency, settings.timezone, settings.week_start, settings.data_as_of) == (
        "EUR",
        "UTC",
        1,
        None,
    )


def test_settings_that_say_nothing_have_defaults(tmp_path, engine):
    path = tmp_path / "x.db"
    create = "CREATE TABLE settings (base_currency TEXT, timezone TEXT, week_start INTEGER, data_as_of TEXT)"
    with sqlite3.connect(path) if engine == "sqlite" else duckdb.connect(path) as connection:
        connection.execute(create)
        connection.execute("INSERT INTO settings VALUES (NULL, NULL, NULL, NULL)")
    source = open_source(str(path))
    assert (source.settings.base_currency, source.settings.week_start) == ("EUR", 1)
    assert source.base.facts.is_empty
    forget(str(path))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-06-18 16:00:00", datetime(2026, 6, 18, 16)),
        ("2026-06-18T16:00:00", datetime(2026, 6, 18, 16)),
        ("2026-06-18", datetime(2026, 6, 18)),
        ("2026-06-18 16:00:00.250000", datetime(2026, 6, 18, 16, 0, 0, 250_000)),
        ("2026-06-18T18:00:00+02:00", datetime(2026, 6, 18, 16)),
    ],
)
def test_sqlite_may_write_the_as_of_moment_in_any_iso_form(tmp_path, written, meant):
    path = tmp_path / "x.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE settings (data_as_of TEXT, week_start TEXT)")
        connection.execute("INSERT INTO settings VALUES (?, '7')", [written])
    source = open_source(str(path))
    assert source.settings.data_as_of == meant
    assert source.as_of == meant
    assert source.calendar.week_start == 7
    forget(str(path))


def test_a_day_as_the_as_of_moment_means_its_beginning(tmp_path):
    path = tmp_path / "x.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE settings AS SELECT DATE '2026-06-18' AS data_as_of")
    assert open_source(str(path)).as_of == datetime(2026, 6, 18)
    forget(str(path))


def test_without_an_as_of_moment_the_data_say_how_far_they_reach(load):
    world = World(
        settings={"data_as_of": None},
        orders=[{"ordered_at": "2026-03-01"}, {"ordered_at": "2026-03-05 10:00"}],
        tickets=[{"opened_at": "2026-03-07"}],
    )
    assert load(world).as_of == datetime(2026, 3, 7)


def test_an_empty_database_opens(load):
    source = load(World(settings={"data_as_of": None}))
    assert source.base.facts.is_empty
    assert revenue(source) in (0.0, None) or pd.isna(revenue(source))


def test_each_table_has_its_own_first_and_last_moment(load):
    world = World(
        orders=[{"ordered_at": "2026-03-01"}, {"ordered_at": "2026-04-01"}],
        opportunities=[{"created_at": "2025-01-01", "outcome": "won", "closed_at": "2025-06-01"}],
    )
    facts = load(world).base.facts
    assert facts.spans["orders"] == (datetime(2026, 3, 1), datetime(2026, 4, 1))
    assert facts.spans["opportunities"] == (datetime(2025, 1, 1), datetime(2025, 6, 1))
    assert facts.first == datetime(2025, 1, 1)
    assert facts.first_of(["orders", "customers"]) == datetime(2026, 3, 1)
    assert facts.first_of(["customers"]) is None


# -- a file that changes --------------------------------------------------------------------------------------------
def test_a_file_that_appears_is_found_without_a_restart(place, tmp_path, monkeypatch):
    at_once(monkeypatch)
    path = tmp_path / "later.duckdb"
    refusal(path)
    shutil.copy(path_of(place.write(ORDERS)), path)
    if place.name == "sqlite":  # what a file is, is looked up when it is first named
        return
    assert revenue(open_source(str(path))) == 200
    forget(str(path))


def test_a_file_that_goes_away_and_comes_back_is_found(place, tmp_path, monkeypatch):
    at_once(monkeypatch)
    path = path_of(place.write(ORDERS))
    source = open_source(str(path))
    assert revenue(source) == 200
    path.rename(tmp_path / "aside")
    with pytest.raises(SourceError, match="There is no file"):
        ask_source(source, "orders", "2026-01")
    (tmp_path / "aside").rename(path)
    assert ask_source(source, "orders", "2026-01").result.value == 2
    forget(str(path))


def test_a_mended_file_is_read(place_duckdb, monkeypatch):
    at_once(monkeypatch)
    path = path_of(place_duckdb.write(ORDERS))
    good = path.read_bytes()
    path.write_bytes(b"no database at all")
    refusal(path)
    path.write_bytes(good)
    assert revenue(open_source(str(path))) == 200
    forget(str(path))


def test_a_replaced_file_gives_the_new_numbers_to_a_source_that_is_open(place, monkeypatch):
    at_once(monkeypatch)
    path = path_of(place.write(ORDERS))
    source = open_source(str(path))
    assert revenue(source) == 200
    later = World(settings={"base_currency": "USD", "data_as_of": "2026-01-10"}, orders=[
        {"net": 7, "ordered_at": "2026-01-05"}, {"net": 90, "ordered_at": "2026-01-20"},
    ])  # fmt: skip
    os.replace(path_of(place.write(later)), path)
    answer = ask_source(source, "revenue", "2026-01")
    assert (answer.result.value, answer.currency, answer.as_of) == (7, "USD", datetime(2026, 1, 10))
    forget(str(path))


def test_a_source_keeps_its_own_as_of_moment_when_the_file_is_replaced(place, monkeypatch):
    at_once(monkeypatch)
    path = path_of(place.write(ORDERS))
    source = open_source(str(path), as_of=datetime(2026, 1, 5, 12))
    assert revenue(source) == 120
    os.replace(path_of(place.write(ORDERS.with_rows(orders=[{"order_id": "c", "ordered_at": "2026-01-07"}]))), path)
    assert revenue(source) == 120
    forget(str(path))


def test_an_answer_is_never_a_mix_of_two_files(place, monkeypatch):
    """Each version of the file sells as much in January as in February: a mix would show a change."""
    monkeypatch.setattr(databases, "LOOK_EVERY", 0.002)
    worlds = [World(orders=[
        {"net": net, "ordered_at": "2026-01-05"}, {"net": net, "ordered_at": "2026-02-05"},
    ]) for net in range(1, 7)]  # fmt: skip
    files = [path_of(place.write(world)) for world in worlds]
    path = files[0].with_name("live.db" if place.name == "sqlite" else "live.duckdb")
    shutil.copy(files[0], path)
    source, seen, faults, stop = open_source(str(path)), [], [], threading.Event()

    def ask_on():
        try:
            while not stop.is_set():
                frame = ask_source(source, "revenue", "2026-02").result.frame
                seen.append((frame["value"].iloc[0], frame["previous_value"].iloc[0]))
        except BaseException as fault:
            faults.append(fault)

    readers = [threading.Thread(target=ask_on) for _ in range(4)]
    for reader in readers:
        reader.start()
    for file in files[1:]:
        time.sleep(0.15)
        os.replace(file, path)
    time.sleep(0.2)
    stop.set()
    for reader in readers:
        reader.join(30)
    assert not faults
    assert {now for now, _ in seen} >= {6}
    assert all(now == then for now, then in seen)
    assert revenue(source) == 6
    forget(str(path))


def test_queries_that_run_finish_on_the_old_file(place, monkeypatch):
    at_once(monkeypatch)
    path = path_of(place.write(ORDERS))
    source = open_source(str(path))
    count = text("SELECT count(*) FROM orders")
    with source.base.reading() as (engine, _), engine.connect() as connection:
        os.replace(path_of(place.write(World())), path)
        assert connection.execute(count).scalar() == 2
    assert source.base.fetch(select(func.count().label("n")).select_from(TABLES["orders"]))["n"].iloc[0] == 0
    forget(str(path))


def test_a_waiting_reopening_neither_starves_nor_is_repeated(place, monkeypatch):
    """While one slow reader holds the old file, many new ones come: all wait for it, and the file is opened once."""
    at_once(monkeypatch)
    path = path_of(place.write(ORDERS))
    base = open_source(str(path)).base
    opened, read = [], []
    create = engines.create
    monkeypatch.setattr(engines, "create", lambda url: (opened.append(url), create(url))[1])
    query = select(func.count().label("n")).select_from(TABLES["orders"])
    held, release = threading.Event(), threading.Event()

    def hold():
        with base.reading():
            held.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    os.replace(path_of(place.write(World())), path)
    readers = [threading.Thread(target=lambda: read.append(int(base.fetch(query)["n"].iloc[0]))) for _ in range(8)]
    for reader in readers:
        reader.start()
    time.sleep(0.05)
    assert read == []
    release.set()
    for thread in (holder, *readers):
        thread.join(10)
    assert read == [0] * 8
    assert len(opened) == 1
    forget(str(path))


def test_a_reader_does_not_wait_for_ever_for_a_long_query(place, monkeypatch):
    at_once(monkeypatch)
    monkeypatch.setattr(databases, "WAIT_FOR", 0.05)
    path = path_of(place.write(ORDERS))
    base = open_source(str(path)).base
    query = select(func.count().label("n")).select_from(TABLES["orders"])
    with base.reading():
        os.replace(path_of(place.write(World())), path)
        found = []
        reader = threading.Thread(target=lambda: found.append(int(base.fetch(query)["n"].iloc[0])))
        reader.start()
        reader.join(10)
        assert found == [2]
    assert base.fetch(query)["n"].iloc[0] == 0
    forget(str(path))


def test_a_file_s_version_is_looked_up_at_most_once_a_second(load, monkeypatch):
    base = load(ORDERS).base
    looks = []
    monkeypatch.setattr(type(base), "_look", lambda self, now: looks.append(now) or "1")
    base._looked = (time.monotonic() - 5, "1")
    for _ in range(50):
        assert base.version == "1"
    assert len(looks) == 1


def test_a_server_s_data_are_read_anew_after_a_minute(monkeypatch):
    base = databases.Database(Place(engines.locate("postgresql://someone@nowhere/db")))
    clock = [600_000.0]
    monkeypatch.setattr(databases.time, "monotonic", lambda: clock[0])
    first = base.version
    clock[0] += 20
    assert base.version == first
    clock[0] += 60
    assert base.version != first


# -- cache ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def executed(monkeypatch):
    """Every select that really ran."""
    ran = []
    to_frame = databases.to_frame
    monkeypatch.setattr(databases, "to_frame", lambda result, query: (ran.append(query), to_frame(result, query))[1])
    return ran


def orders_of(crm):
    """A count of the orders that a viewer may see."""
    return select(func.count().label("n")).select_from(crm.table("orders"))


def test_the_same_statement_is_answered_from_memory(load, executed):
    source = load(ORDERS)
    frames = [source.fetch(orders_of(source.crm)) for _ in range(3)]
    assert [int(frame["n"].iloc[0]) for frame in frames] == [2, 2, 2]
    assert len(executed) == 1


def test_another_viewer_s_answer_is_never_taken(load, place, executed):
    world_url = place.write(ORDERS)
    everyone, north = open_source(world_url), open_source(world_url, Policy("nora", regions=("North",)))
    query = select(func.count().label("n")).select_from(TABLES["orders"])
    everyone.base.fetch(query, everyone.policy.scope)
    north.base.fetch(query, north.policy.scope)
    assert len(executed) == 2
    assert revenue(everyone) == 200
    assert revenue(north) == 120
    forget(world_url)


@pytest.mark.parametrize(
    "other",
    [
        Policy("bea"),
        Policy("ann", regions=()),
        Policy("ann", regions=("North",)),
        Policy("ann", owners=("North",)),
        Policy("ann", regions=("North", "South")),
    ],
)
def test_scopes_of_different_rights_differ(other):
    assert other.scope != Policy("ann").scope


def test_other_values_are_another_statement(load, executed):
    source = load(ORDERS)
    order = source.crm.orders.c
    counts = [
        source.fetch(orders_of(source.crm).where(order.channel == value))["n"].iloc[0]
        for value in ("web", "shop", "web")
    ]
    assert counts == [1, 0, 1]
    assert len(executed) == 2


def test_a_frame_that_is_changed_by_its_reader_does_not_change_the_next(load):
    source = load(ORDERS)
    frame = source.fetch(orders_of(source.crm))
    frame["n"] = -1
    frame.loc[0, "other"] = "x"
    again = source.fetch(orders_of(source.crm))
    assert again.to_dict("list") == {"n": [2]}


def test_an_answer_is_kept_by_viewer_and_by_question(load, place, executed):
    url = place.write(ORDERS)
    everyone, nobody = open_source(url), open_source(url, Policy("no", regions=()))
    first = ask("revenue", everyone, filters("2026-01"))
    assert ask("revenue", everyone, filters("2026-01")) is first
    assert ask("revenue", everyone, filters("2026-02")) is not first
    assert ask("revenue", nobody, filters("2026-01")) is not first
    assert ask("revenue", open_source(url), filters("2026-01")) is first
    assert ask("revenue", open_source(url, as_of=datetime(2026, 1, 5, 12)), filters("2026-01")) is not first
    forget(url)


def test_an_answer_over_narrowed_tables_is_never_kept(load):
    source = load(ORDERS)
    order = source.crm.orders.c
    narrowed = source.with_crm(source.crm.where("orders", order.channel == "web"))
    assert ask("revenue", narrowed, filters("2026-01")).result.value == 120
    assert ask("revenue", source, filters("2026-01")).result.value == 200
    assert ask("revenue", narrowed, filters("2026-01")).result.value == 120


# -- frames ---------------------------------------------------------------------------------------------------------
def typed_query(rows):
    """One column of every type, over the orders of a world."""
    order = TABLES["orders"].c
    columns = [
        func.count().label("n"),
        func.sum(cast(order.net, Integer)).label("whole"),
        func.sum(order.net).label("money"),
        func.sum(cast(order.net, Float)).label("number"),
        cast(null(), Integer).label("no_whole"),
        cast(null(), Float).label("no_number"),
        cast(null(), String).label("no_text"),
        cast(null(), DateTime).label("no_moment"),
        cast(null(), Boolean).label("no_flag"),
        func.max(order.ordered_at).label("moment"),
        bucket_start(func.max(order.ordered_at), "month", Settings().calendar).label("day"),
        func.max(order.channel).label("text"),
        (func.count() > 1).label("flag"),
    ]
    return select(*columns).where(order.order_id.in_(rows))


DTYPES = {
    "n": "int64",
    "whole": "int64",
    "money": "float64",
    "number": "float64",
    "no_whole": "float64",
    "no_number": "float64",
    "no_text": "str",
    "no_moment": "datetime64[us]",
    "no_flag": "boolean",
    "moment": "datetime64[us]",
    "day": "datetime64[us]",
    "text": "str",
    "flag": "bool",
}


def test_every_engine_gives_the_same_dtypes(load):
    frame = load(ORDERS).base.fetch(typed_query(["a", "b"]))
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    row = frame.iloc[0]
    assert (row["n"], row["whole"], row["money"], row["number"], row["flag"]) == (2, 200, 200.0, 200.0, True)
    assert (row["moment"], row["day"]) == (pd.Timestamp("2026-01-06"), pd.Timestamp("2026-01-01"))
    assert frame[[name for name in DTYPES if name.startswith("no_")]].isna().all(axis=None)


def test_sums_over_nothing_are_missing_and_counts_are_zero(load):
    row = load(ORDERS).base.fetch(typed_query([])).iloc[0]
    assert row["n"] == 0
    assert pd.isna(row["whole"])
    assert pd.isna(row["money"])
    assert pd.isna(row["day"])


def test_no_rows_have_the_same_columns_and_dtypes(load):
    frame = load(ORDERS).base.fetch(typed_query([]).having(func.count() > 5))
    dtypes = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    expected = DTYPES | {"no_whole": "int64", "no_flag": "bool"}
    assert len(frame) == 0
    assert dtypes == expected


def test_a_sum_of_big_whole_numbers_is_right(load):
    big = literal_column(str(2**40), BigInteger())
    frame = load(ORDERS).base.fetch(select(func.sum(big).label("x")).select_from(TABLES["orders"]))
    assert frame["x"].iloc[0] == 2**41


def test_nulls_among_text_are_missing(load):
    order = TABLES["orders"].c
    frame = load(ORDERS).base.fetch(select(order.channel, order.order_id).order_by(order.order_id))
    assert frame["channel"].isna().tolist() == [False, True]
    assert frame["channel"][0] == "web"


# -- what is held ---------------------------------------------------------------------------------------------------
def test_a_nullable_column_that_is_missing_is_null(load):
    source = load(World(orders=[{"channel": "web"}], without=["orders.channel"]))
    assert source.fetch(select(source.crm.orders.c.channel))["channel"].isna().all()
    assert revenue(source) == 100


@pytest.mark.parametrize("column", ["is_test", "document", "refunded", "discount", "status"])
def test_a_column_that_is_missing_has_its_default(load, column):
    """Without it, no order would count: null is neither a test nor no test."""
    source = load(World(orders=[{"net": 70}, {"net": 50}], without=[f"orders.{column}"]))
    assert revenue(source) == 120


def test_a_flag_of_a_customer_or_deal_that_is_missing_is_false(load):
    deals = [{"outcome": "won", "closed_at": "2026-01-20"}, {"outcome": "lost", "closed_at": "2026-01-20"}]
    world = World(
        customers=[{"customer_id": "ann", "merged_into_id": "bea"}, {"customer_id": "bea"}],
        opportunities=deals,
        without=["customers.is_own_company", "opportunities.is_deleted_in_source"],
    )
    assert ask_source(load(world), "win_rate", "2026-01").result.value == 0.5


@pytest.mark.parametrize("without", ["orders", "orders.net", "orders.ordered_at", "orders.customer_id"])
def test_what_is_needed_and_missing_is_named(load, without):
    source = load(World(orders=[{}], without=[without]))
    with pytest.raises(NotHeldError) as caught:
        source.crm.table("orders")
    assert f"`{without}`" in str(caught.value)
    assert not source.crm.has("orders")
    answer = ask_source(source, "revenue", "2026-01")
    assert answer.result is None
    assert answer.missing.table == "orders"


def test_a_view_is_as_good_as_a_table(tmp_path, place):
    path = path_of(place.write(ORDERS))
    with sqlite3.connect(path) if place.name == "sqlite" else duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE orders RENAME TO sales")
        connection.execute("CREATE VIEW orders AS SELECT * FROM sales")
    assert revenue(open_source(str(path))) == 200
    forget(str(path))


def test_there_is_no_table_of_any_other_name(load):
    crm = load(ORDERS).crm
    with pytest.raises(AttributeError):
        _ = crm.secrets
    with pytest.raises(AttributeError):
        _ = crm._orders


# -- statements -----------------------------------------------------------------------------------------------------
def test_the_sql_shown_runs_and_gives_the_same_figures(place):
    hostile = "O'Hara \\ \" ; -- %s :x $1 {y} 张"
    world = World(
        settings={"timezone": "Europe/Berlin"},
        customers=[{"customer_id": "ann", "region": hostile}, {"customer_id": "bob", "region": "North"}],
        orders=[
            {"customer_id": "ann", "ordered_at": "2026-03-31 22:30", "net": 10},
            {"customer_id": "ann", "ordered_at": "2026-03-31 21:30", "net": 1000},
            {"customer_id": "bob", "ordered_at": "2026-04-02", "net": 500},
        ],
    )
    url = place.write(world)
    answer = ask_source(open_source(url), "revenue", "2026-04", where={"region": hostile}, shape="trend")
    assert answer.result.frame["value"].tolist() == [10]
    shown, path = answer.sql, path_of(url)
    forget(url)
    with sqlite3.connect(path) if place.name == "sqlite" else duckdb.connect(path) as connection:
        rows = connection.execute(shown[0]).fetchall()
    assert [float(row[1]) for row in rows] == [10.0]


def test_statements_are_listed_as_they_ran(load):
    source = load(ORDERS)
    source.fetch(orders_of(source.crm))
    recording = source.recording()
    recording.fetch(orders_of(source.crm))
    recording.with_crm(source.crm).fetch(orders_of(source.crm))
    assert len(source.statements) == 1
    assert len(recording.statements) == 2
    assert recording.statements[0].rows == 1
    assert recording.statements[0].sql.lower().startswith("select count(")


def test_moments_are_equal_whether_or_not_sqlite_stores_a_fraction(place_sqlite):
    """Python's own adapter writes 2026-02-01 00:00:00, SQLAlchemy adds .000000: both are in February."""
    orders = [{"order_id": "before", "ordered_at": "2025-12-01", "net": 7}, {"order_id": "x"}, {"order_id": "y"}]
    path = path_of(place_sqlite.write(World(orders=orders)))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE orders SET ordered_at = '2026-02-01 00:00:00' WHERE order_id = 'x'")
        connection.execute("UPDATE orders SET ordered_at = '2026-02-01 00:00:00.000000' WHERE order_id = 'y'")
    source = open_source(str(path))
    assert [revenue(source, month) for month in ("2026-01", "2026-02")] == [0, 200]
    forget(str(path))


def test_the_as_of_moment_is_counted_and_nothing_after_it(load):
    world = World(orders=[
        {"ordered_at": datetime(2026, 1, 5, 10), "net": 1}, {"ordered_at": datetime(2026, 1, 5, 10, 0, 0, 1), "net": 2},
    ])  # fmt: skip
    source = load(world, as_of=datetime(2026, 1, 5, 10))
    assert revenue(source) == 1
    assert source.as_of.replace(tzinfo=UTC) == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_a_statement_that_is_written_out_keeps_its_moments_where_a_text_would_not_do(load_on):
    """A choice between two moments is a moment; written as text, DuckDB would compare a moment with a text."""
    source = load_on("duckdb", ORDERS)
    order = source.crm.orders.c
    since = case((order.customer_id == "a", datetime(2020, 1, 1)), else_=datetime(2026, 1, 1))
    query = select(func.count().label("n")).where(order.ordered_at >= since)
    shown = source.base.sql(query)
    assert "TIMESTAMP '2020-01-01 00:00:00'" in shown
    with source.base.reading() as (engine, _), engine.connect() as connection:
        by_hand = connection.exec_driver_sql(shown).scalar_one()
    assert by_hand == source.fetch(query)["n"].iloc[0]
