"""What can happen to an extract on its way: killed, out of disk, the source gone, the app asking meanwhile."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy import create_engine, text

from data_access.__main__ import main
from data_access.errors import SourceError
from data_access.extract.lines import Line
from data_access.extract.plan import Cell
from data_access.extract.run import Job, extract
from data_access.extract.sources import open_snapshot
from data_access.extract.tables import Incoming, fill, make_table
from data_access.place import find_place
from data_access.source import open_source
from tests import servers
from tests.data_access import corner_shop
from tests.mappings.native import empty_database
from tests.worlds import ask_source, forget

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from decimal import Decimal
from pathlib import Path
from data_access.extract.lines import Line
from data_access.extract.run import Job, extract
from data_access.place import find_place
told = []
def tell(text):
    told.append(text)
    if len(told) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
extract(Job(find_place(sys.argv[1]), Path(sys.argv[2])), tell)
"""
NO_ROOM = """
import resource, sys
from data_access.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
sys.exit(main(["extract", sys.argv[1], "--into", sys.argv[2]]))
"""


@pytest.fixture
def shop(tmp_path):
    """The shop on SQLite."""
    native = corner_shop.open_shop("sqlite", tmp_path)
    yield native
    native.close()


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.engines) for name in ("postgresql", "mariadb")])
def far_shop(request, tmp_path):
    """The shop on a server."""
    native = corner_shop.open_shop(request.param, tmp_path)
    yield native
    native.close()


def job(shop, tmp_path, name="company", is_full=False):
    return Job(find_place(str(shop.file), is_live=True), tmp_path / f"{name}.duckdb", is_full)


def run(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def contents(path):
    with duckdb.connect(str(path), read_only=True) as file:
        names = [row[0] for row in file.execute("SHOW TABLES").fetchall() if not row[0].startswith("extract_")]
        return {name: file.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in names}


def test_a_run_that_is_killed_leaves_the_old_file_and_is_gone_on_with(shop, tmp_path):
    target = tmp_path / "company.duckdb"
    shutil.copy(duckdb_file(tmp_path), target)
    before = target.read_bytes()
    assert run(KILLED, shop.file, target).returncode == -signal.SIGKILL
    assert target.read_bytes() == before
    told: list[Line] = []
    done = extract(job(shop, tmp_path), told.append)
    assert str(told[0]).startswith("Going on with what was broken off: ")
    assert len(done.kept) >= 3
    extract(job(shop, tmp_path, "whole", is_full=True))
    assert contents(target) == contents(tmp_path / "whole.duckdb")
    assert not list(tmp_path.glob(".extract-*"))


def duckdb_file(folder):
    path = folder / "old.duckdb"
    with duckdb.connect(str(path)) as file:
        file.execute("CREATE TABLE orders (order_id VARCHAR)")
    return path


def test_what_was_broken_off_under_other_settings_is_begun_anew(shop, tmp_path):
    assert run(KILLED, shop.file, tmp_path / "company.duckdb").returncode == -signal.SIGKILL
    shop.file.write_text(shop.file.read_text() + '\n[settings]\nbase_currency = "USD"\n')
    assert extract(job(shop, tmp_path)).kept == ()


def test_a_disk_that_is_too_small_is_one_sentence(shop, tmp_path):
    target = tmp_path / "company.duckdb"
    done = run(NO_ROOM, shop.file, target)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.strip().endswith("nothing was replaced.")
    assert not target.exists()


def test_a_source_that_goes_away_is_one_sentence_and_the_run_is_gone_on_with(far_shop, tmp_path):
    told: list[Line] = []

    def tell(said):
        told.append(said)
        if len(told) == 4:
            cut_off(far_shop.url)

    with pytest.raises(SourceError) as refused:
        extract(job(far_shop, tmp_path), tell)
    assert "nothing was replaced, and the same command goes on" in str(refused.value)
    assert servers.PASSWORD not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(extract(job(far_shop, tmp_path)).kept) >= 2


def cut_off(url):
    """End every other session of a database, as a restart of the server would."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            connection.execute(text(f"{ended} AND pid <> pg_backend_pid()"))
        else:
            others = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
            for (number,) in connection.execute(text(others)).all():
                connection.execute(text(f"KILL {number}"))
    engine.dispose()


def test_the_source_can_only_be_read_and_stands_still_meanwhile(far_shop):
    place = find_place(str(far_shop.file))
    family = {"postgresql": "postgres", "mysql": "mysql"}[place.url.get_backend_name()]
    engine = create_engine(far_shop.url)
    with open_snapshot(place, family) as snapshot:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM query"))
        count = "SELECT count(*) AS n FROM query"
        (row,) = snapshot.batches(count, []).read_all().to_pylist()
        assert [str(value) for value in row.values()] == ["70"]
        with pytest.raises(Exception, match=r"(?i)read.only|denied"):
            snapshot.batches("INSERT INTO query (id) VALUES (1)", []).read_all()
    engine.dispose()


@pytest.mark.parametrize("driver", ["adbc_driver_postgresql", "adbc_driver_sqlite"])
def test_without_the_extra_the_same_rows_come_another_way(driver, tmp_path, monkeypatch):
    pytest.importorskip(driver)
    shop = corner_shop.open_shop({"adbc_driver_sqlite": "sqlite"}.get(driver, "postgresql"), tmp_path)
    assert extract(job(shop, tmp_path, "fast")).way == "ADBC"
    monkeypatch.setitem(sys.modules, driver, None)
    monkeypatch.setitem(sys.modules, f"{driver}.dbapi", None)
    assert extract(job(shop, tmp_path, "slow")).way != "ADBC"
    assert contents(tmp_path / "fast.duckdb") == contents(tmp_path / "slow.duckdb")
    shop.close()


def test_the_app_goes_on_serving_while_the_file_is_replaced(shop, tmp_path):
    target = tmp_path / "company.duckdb"
    extract(job(shop, tmp_path))
    faults, values, ended = [], set(), threading.Event()

    def viewer():
        while not ended.is_set():
            try:
                values.add(ask_source(open_source(str(target)), "revenue", "2025").result.value)
            except Exception as fault:
                faults.append(fault)

    thread = threading.Thread(target=viewer)
    thread.start()
    engine = create_engine(shop.url)
    for _ in range(2):
        with engine.begin() as connection:
            connection.execute(text("UPDATE bill SET total = total + 1, changed = '2025-12-21 10:00:00.000000'"))
        extract(job(shop, tmp_path))
    ended.wait(3)
    ended.set()
    thread.join()
    engine.dispose()
    assert faults == []
    assert len(values) >= 2
    assert ask_source(open_source(str(target)), "revenue", "2025").result.value == max(values)
    forget(str(target))


def test_a_source_is_never_taken_into_itself(tmp_path, capsys):
    path = duckdb_file(tmp_path)
    assert main(["extract", str(path), "--into", str(path)]) == 1
    assert "is the source itself" in capsys.readouterr().err


def test_where_to_has_to_be_said(shop, capsys):
    assert main(["extract", str(shop.file)]) == 1
    assert "--into" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["cron", "systemd"])
def test_a_schedule_is_text_and_runs_nothing(shop, tmp_path, capsys, form):
    shop.file.write_text(shop.file.read_text().replace("mapping =", 'extract = "data.duckdb"\nmapping =', 1))
    assert main(["extract", str(shop.file), "--schedule", form]) == 0
    said = capsys.readouterr().out
    assert f"-m data_access extract {shop.file} --quiet" in said
    assert "--full --quiet" in said
    assert not (tmp_path / "data.duckdb").exists()


def test_a_password_is_not_written_into_a_schedule(monkeypatch, capsys):
    assert main(["extract", "postgresql://ann:geheim@h/d", "--into", "x.duckdb", "--schedule", "cron"]) == 1
    said = capsys.readouterr()
    assert "geheim" not in said.out + said.err
    assert "clientele.toml" in said.err


@pytest.mark.parametrize("more", [[], ["--mapping", "odoo16"], ["--schedule", "cron"], ["--schedule", "systemd"]])
@pytest.mark.parametrize("dialect", ["spark", "clickhouse"])
def test_an_engine_that_no_extract_can_be_taken_from_is_one_sentence(dialect, more, tmp_path, capsys):
    target = tmp_path / "company.duckdb"
    assert main(["extract", f"{dialect}://ann@127.0.0.1:1/default", "--into", str(target), *more]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip() == (
        f"No extract can be taken from `{dialect}` yet, only from duckdb, mariadb, mysql, postgresql, sqlite; "
        "leave `extract` and `--into` out, and it is read live."
    )
    assert list(tmp_path.iterdir()) == []


def test_the_hour_and_the_week_of_a_schedule(shop, capsys):
    target = shop.file.with_name("data 100%.duckdb")
    said = []
    for form in ("cron", "systemd"):
        assert main(["extract", str(shop.file), "--into", str(target), "--schedule", form]) == 0
        said.append(capsys.readouterr().out)
    hourly, weekly = [line for line in said[0].splitlines() if not line.startswith("#")]
    assert hourly.startswith("17 * * * *  cd ")
    assert weekly.startswith("37 3 * * 0  cd ")
    assert "data 100\\%.duckdb' --quiet" in hourly
    assert "data 100\\%.duckdb' --full --quiet" in weekly
    assert "OnCalendar=*-*-* *:17:00" in said[1]
    assert "OnCalendar=Sun *-*-* 03:37:00" in said[1]
    assert 'data 100%%.duckdb" --quiet' in said[1]


def test_amounts_of_any_size_are_exact(tmp_path):
    url = empty_database("postgresql", tmp_path)
    engine = create_engine(url)
    amounts = ("0.000001", "-0.01", "999999999999.999999", "1000000000000", "-123456789012345678.123456", "NaN")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (order_id text, net numeric(24, 6))"))
        for number, amount in enumerate((*amounts, None)):
            connection.execute(text("INSERT INTO orders VALUES (:id, :net)"), {"id": str(number), "net": amount})
    engine.dispose()
    extract(Job(find_place(servers.reading(url)), tmp_path / "amounts.duckdb"))
    with duckdb.connect(str(tmp_path / "amounts.duckdb"), read_only=True) as file:
        held = [row[0] for row in file.execute("SELECT net FROM orders ORDER BY order_id").fetchall()]
    assert held == [*(Decimal(amount) for amount in amounts[:-1]), None, None]
    servers.take_away(url)


def test_a_source_that_is_faster_than_the_file_waits_for_it():
    asked, schema = [], pa.schema([("order_id", pa.string())])

    def sent():
        for number in range(20):
            asked.append(number)
            yield pa.record_batch([pa.array([str(number)] * 2_000)], schema=schema)

    class Slow:
        """A file that is written so slowly that everything could have been asked for meanwhile."""

        def __init__(self, connection):
            self.connection, self.written = connection, 0

        def __getattr__(self, name):
            return getattr(self.connection, name)

        def execute(self, query):
            time.sleep(0.01)
            assert len(asked) <= self.written + 2
            self.written += 1
            return self.connection.execute(query)

    cells = (Cell("order_id", "text", "VARCHAR"),)
    with duckdb.connect() as connection:
        make_table(connection, "orders", cells)
        incoming = Incoming(pa.RecordBatchReader.from_batches(schema, sent()))
        snapshot = SimpleNamespace(value=lambda cell: cell.name, relation=lambda _: "incoming")
        fill(Slow(connection), "orders", cells, snapshot, incoming)
        assert connection.execute("SELECT count(*), count(DISTINCT order_id) FROM orders").fetchone() == (40_000, 20)
    assert incoming.rows == 40_000


def test_a_disk_that_fills_up_while_a_server_sends_is_one_sentence(far_shop, tmp_path):
    done = run(NO_ROOM, far_shop.file, tmp_path / "company.duckdb")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert done.stderr.strip().endswith("nothing was replaced.")
