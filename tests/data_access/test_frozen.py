"""The network stands still, without an end or a reset: every question ends in one sentence, and nothing is left over."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from data_access import database as databases
from data_access import engines, running
from data_access.database import Database, database
from data_access.errors import SourceError, UnreachableError
from data_access.source import open_source
from metrics import answers
from metrics.answers import ask
from tests import servers
from tests.activity import MANY, activity, endless, quick, within
from tests.frozen import Line
from tests.worlds import filters, forget

pytestmark = pytest.mark.engines
RECOVERS = 10.0  # seconds after the network is back
SLACK = 4.0  # seconds that a busy machine takes


@pytest.fixture(params=list(servers.DEFAULTS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def direct(name, load_on):
    """The URL of a server that holds 400 orders."""
    return load_on(name, MANY).base.url


@pytest.fixture
def line(direct) -> Iterator[Line]:
    """The network to it."""
    made = Line(direct.host, direct.port)
    yield made
    made.close()


@pytest.fixture
def url(direct, line, monkeypatch) -> Iterator[str]:
    """The same server behind that network; whoever asks it is soon done."""
    monkeypatch.setenv(running.SETTING, "2")
    monkeypatch.setattr(running, "CUT_AFTER", 1.0)
    monkeypatch.setattr(running, "AGAIN_AFTER", 0.1)
    monkeypatch.setattr(databases, "CALM", 0.1)
    monkeypatch.setattr(engines, "REACH_WITHIN", 2)
    monkeypatch.setattr(engines, "READY_WITHIN", 2)
    monkeypatch.setitem(engines.CONNECTING["postgresql"], "connect_timeout", 2)
    written = direct.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    yield written
    forget(written)


def count(base: Database) -> int:
    base.forget()
    return int(base.fetch(quick())["n"].iloc[0])


def recovers(base: Database) -> bool:
    """Whether it answers again in time, and has no connection out."""

    def answers() -> bool:
        try:
            return count(base) == 400
        except UnreachableError:
            return False

    engine = base._engine
    assert engine is not None
    return within(RECOVERS, answers) and engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def knocks(base: Database) -> bool:
    """Whether it can be reached."""
    try:
        base.knock()
    except UnreachableError:
        return False
    return True


def asked(base: Database, query) -> tuple[SourceError, float]:
    """What a question ends in, and after how long."""
    began = time.monotonic()
    with pytest.raises(SourceError) as said:
        base.fetch(query)
    return said.value, time.monotonic() - began


def test_under_a_running_question(name, direct, line, url):
    base = open_source(url).base
    assert count(base) == 400
    seen = activity(name, direct.render_as_string(hide_password=False), base)
    frozen = threading.Thread(target=lambda: within(10, seen.running) and line.freeze())
    frozen.start()
    fault, seconds = asked(base, endless())
    frozen.join()
    assert fault.key == "query_too_long"
    assert seconds < 2 + running.GRACE + 1 + SLACK
    line.thaw()
    assert recovers(base)


def test_between_two_questions(line, url):
    base = open_source(url).base
    assert count(base) == 400
    line.freeze()
    for number in range(3):
        fault, seconds = asked(base, endless(number))
        assert isinstance(fault, UnreachableError)
        assert "\n" not in str(fault)
        assert seconds < 3 * engines.REACH_WITHIN + SLACK
    line.thaw()
    assert recovers(base)


def test_what_was_read_before_stands_with_its_age_and_the_next_answer_is_new(line, url):
    source, january = open_source(url), filters("2026-01")
    before = ask("revenue", source, january)
    assert before.outage == ""
    line.freeze()
    answers._ANSWERS.clear()
    source.base.forget()
    old = ask("revenue", source, january)
    assert (old.result.value, old.outage, old.read_at) == (before.result.value, "source_unreachable", before.read_at)
    line.thaw()
    assert within(RECOVERS, lambda: ask("revenue", source, january).outage == "")
    assert recovers(source.base)


def test_before_the_first_question(line, url):
    line.freeze()
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        open_source(url)
    assert time.monotonic() - began < 2 * engines.REACH_WITHIN + SLACK
    line.thaw()
    base = database(url)
    assert within(RECOVERS, lambda: knocks(base))
    assert recovers(base)


def test_many_who_ask_at_once_are_all_told(line, url):
    base = open_source(url).base
    assert count(base) == 400
    line.freeze()
    told: list[SourceError] = []
    threads = [threading.Thread(target=lambda n=n: told.append(asked(base, endless(n))[0])) for n in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(40)
    assert len(told) == 12
    assert {fault.key for fault in told} <= {"source_unreachable", "source_busy"}
    line.thaw()
    assert recovers(base)


def test_a_line_that_is_dead_is_noticed_by_the_operating_system(url):
    """Where no question has a limit of ours, as in an extract: what gets no answer at all ends within half a minute."""
    with open_source(url).base.reading() as (engine, _), engine.connect() as connection:
        driver = connection.connection.driver_connection
        number = driver.fileno() if hasattr(driver, "fileno") else driver._sock.fileno()
        with socket.socket(fileno=running.os.dup(number)) as one:
            assert one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            idle, every, times = (
                one.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
            assert idle + every * times <= 30
            assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 30_000
