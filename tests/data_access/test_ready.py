"""`python -m data_access ready` and `/readyz`: whether a source can be read now."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url
from starlette.requests import Request

from data_access import account
from data_access.__main__ import main
from data_access.ready import age
from tests import private_servers, servers
from tests.browser.server import started
from tests.data_access.test_remarks import FOLDER, crm
from tests.worlds import World, forget
from ui import company, ready

__all__ = ["crm"]
ORDERS = World(orders=[{"ordered_at": "2026-01-05 10:00", "net": 1}], settings={"data_as_of": "2026-02-03 04:05"})


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "less than a minute old"),
        (timedelta(seconds=59), "less than a minute old"),
        (timedelta(minutes=1), "1 minute old"),
        (timedelta(hours=23), "23 hours old"),
        (timedelta(days=3, hours=5), "3 days old"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(passed, said):
    assert age(passed) == said


@pytest.mark.engines
@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql", "mariadb"])
def test_a_source_that_can_be_read_is_ready_and_says_how_old_its_data_are(place, capsys):
    url = place.write(ORDERS)
    assert main(["ready", url]) == 0
    said = capsys.readouterr().out
    assert "is ready: data as of 2026-02-03 04:05 UTC, " in said
    assert said.count("\n") == 1
    assert servers.PASSWORD not in said


def test_a_mapped_database_is_as_old_as_what_happened_last(crm, capsys):
    soon = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%d")
    company = crm(sale=[{"state": "paid", "at": "2026-01-05 10:00", "sum": 1}, {"state": "paid", "at": soon, "sum": 1}])
    assert main(["ready", str(company.file)]) == 0
    assert "data as of 2026-01-05 10:00 UTC" in capsys.readouterr().out
    assert FOLDER.is_dir()


def test_a_source_that_cannot_be_read_or_holds_nothing_is_one_sentence(tmp_path, place_duckdb, capsys):
    for source in (str(tmp_path / "gone.duckdb"), "postgresql://ann:s3cret@127.0.0.1:1/x", place_duckdb.write(World())):
        assert main(["ready", source]) == 1
        out, error = capsys.readouterr()
        assert out == ""
        assert error.count("\n") == 1
        assert "s3cret" not in error


@pytest.fixture
def probe(monkeypatch):
    """probe() -> status and text, as a container asks."""
    monkeypatch.setattr(ready, "KEPT_FOR", 0.0)

    def put() -> tuple[int, str]:
        answer = ready.readyz(Request({"type": "http", "method": "GET", "path": "/readyz", "headers": []}))
        return answer.status_code, bytes(answer.body).decode().strip()

    return put


@pytest.mark.engines
@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_probe_says_when_the_server_is_away_and_when_it_is_back(probe, monkeypatch, name):
    server = private_servers.own(name)
    if server is None:
        pytest.skip(f"no {name} is installed")
    database = {"postgresql": "postgres", "mariadb": "information_schema"}[name]
    url = make_url(server.url).set(database=database).render_as_string(hide_password=False)
    monkeypatch.setenv(account.ALLOWED, str(make_url(url).username))
    monkeypatch.setenv("CLIENTELE_SOURCE", url)
    monkeypatch.setattr("data_access.database.CALM", 0.0)
    assert probe() == (200, "ready")
    server.stop()
    assert probe() == (503, "not ready: source_unreachable")
    server.start()
    assert probe() == (200, "ready")
    forget(url)
    server.stop()


def test_a_probe_tells_nothing_of_the_address(probe, monkeypatch, tmp_path):
    monkeypatch.setenv("CLIENTELE_SOURCE", str(tmp_path / "gone.duckdb"))
    assert probe() == (503, "not ready: source_missing")


def test_a_fresh_install_is_ready_for_its_first_visit(probe, monkeypatch):
    monkeypatch.delenv("CLIENTELE_SOURCE", raising=False)
    monkeypatch.setattr(company, "SETTINGS", Path("/nowhere/clientele.toml"))
    monkeypatch.setattr(company, "DEMO", Path("/nowhere/demo.duckdb"))
    assert probe() == (200, "ready")


@pytest.mark.slow
def test_the_app_answers_a_probe(tmp_path, place_duckdb):
    path = Path(place_duckdb.write(ORDERS).split(":///")[1])
    with started(path, tmp_path / "log") as app:
        with urllib.request.urlopen(f"{app.url}/readyz", timeout=20) as answer:
            assert (answer.status, answer.read()) == (200, b"ready\n")
        path.rename(tmp_path / "gone.duckdb")
        time.sleep(ready.KEPT_FOR + 1.5)
        with pytest.raises(urllib.error.HTTPError) as fault:
            urllib.request.urlopen(f"{app.url}/readyz", timeout=20)
        assert (fault.value.code, fault.value.read()) == (503, b"not ready: source_missing\n")


def test_probes_in_a_row_ask_once(monkeypatch):
    asked = []
    monkeypatch.setattr(ready, "_fault", lambda: asked.append(1) or "")
    monkeypatch.setattr(ready, "_last", (-ready.KEPT_FOR, ""))
    for _ in range(5):
        ready.fault_now()
    assert len(asked) == 1


def test_a_probe_does_not_wait_for_ever_for_another_one(monkeypatch):
    monkeypatch.setattr(ready, "WAITED_FOR", 0.05)
    with ready._ASKING:
        assert ready.fault_now() == "slow"
