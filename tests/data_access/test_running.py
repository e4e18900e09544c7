"""Limits, cancellation, turns, sharing and second tries, seen from the database's own activity view on every engine."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import text

from data_access import database as databases
from data_access import running
from data_access.database import database
from data_access.errors import AbandonedError, SourceError, UnreachableError
from data_access.running import Asker, Turns, longest
from data_access.source import open_source
from i18n.words import load_words
from tests.activity import MANY, activity, endless, quick, within
from tests.servers import DEFAULTS
from tests.worlds import World, forget

SOON = 5.0  # seconds, of threats.md, for what has to happen at once
SERVERS = pytest.mark.parametrize("engine", DEFAULTS)


@pytest.fixture
def base(load):
    """The database of 400 orders on the engine at hand."""
    return load(MANY).base


@pytest.fixture
def seen(engine, base):
    """What runs on it."""
    url = base.url.render_as_string(hide_password=False)
    return activity(engine, url, base)


class Viewer:
    """A session of the app: it waits until it is told that its viewer has gone on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.has_gone = threading.Event()

    def asker(self) -> Asker:
        gone = self.has_gone
        return Asker(self.name, lambda: not gone.is_set())


@pytest.fixture
def ask_as(monkeypatch):
    """ask_as(viewer, work): a future of what `work` gives when this viewer asks."""
    monkeypatch.setenv(running.SETTING, "20")  # what is not stopped as it should be ends all the same
    here = threading.local()
    monkeypatch.setattr(running, "_who", lambda: getattr(here, "asker", running.ANYBODY))
    with ThreadPoolExecutor(40) as threads:

        def ask(viewer, work):
            asker = viewer.asker()

            def asked():
                here.asker = asker
                return work()

            return threads.submit(asked)

        yield ask


def count(base):
    return int(base.fetch(quick())["n"].iloc[0])


# -- the limit ------------------------------------------------------------------------------------------------------
def limited(monkeypatch, base, seconds):
    """From now on nothing may take longer; sessions that were opened before are closed."""
    monkeypatch.setenv(running.SETTING, str(seconds))
    with base.reading() as (engine, _):
        engine.dispose()


def test_a_question_that_takes_too_long_is_stopped_and_says_what_to_do(base, seen, monkeypatch):
    limited(monkeypatch, base, 0.6)
    began = time.monotonic()
    with pytest.raises(SourceError) as fault:
        base.fetch(endless())
    assert time.monotonic() - began < 0.6 + SOON
    assert fault.value.key == "query_too_long"
    assert "0.6 seconds" in str(fault.value)
    for words in (load_words("en"), load_words("zh-CN")):
        assert "0.6" in words("error.query_too_long", **fault.value.gaps)
    assert within(SOON, lambda: seen.running() == [])
    assert count(base) == 400


@SERVERS
def test_a_server_stops_it_by_its_own_switch(base, seen, monkeypatch):
    monkeypatch.setattr(running.Running, "look", lambda self, now: None)
    test_a_question_that_takes_too_long_is_stopped_and_says_what_to_do(base, seen, monkeypatch)


@SERVERS
def test_a_server_that_does_not_is_told_to(base, seen, monkeypatch):
    monkeypatch.setattr("data_access.engines._limit", lambda dialect, connection: ())
    monkeypatch.setattr(running, "GRACE", 0.0)
    test_a_question_that_takes_too_long_is_stopped_and_says_what_to_do(base, seen, monkeypatch)


def test_without_a_limit_nothing_is_stopped(base, seen, ask_as, monkeypatch):
    limited(monkeypatch, base, 0)
    viewer = Viewer("ann")
    asked = ask_as(viewer, lambda: base.fetch(endless()))
    assert within(SOON, lambda: len(seen.running()) == 1)
    time.sleep(0.5)
    assert len(seen.running()) == 1
    viewer.has_gone.set()
    with pytest.raises(AbandonedError):
        asked.result(SOON)


@pytest.mark.parametrize("written", ["soon", "-1", "nan", "1e9"])
def test_a_limit_that_is_none_is_named(monkeypatch, written):
    monkeypatch.setenv(running.SETTING, written)
    with pytest.raises(SourceError, match=running.SETTING):
        longest()


def test_the_limit_is_half_a_minute_unless_it_is_set(monkeypatch):
    monkeypatch.delenv(running.SETTING, raising=False)
    assert longest() == 30


# -- nobody waits any more ------------------------------------------------------------------------------------------
def test_a_question_that_nobody_waits_for_ends_in_the_database(base, seen, ask_as):
    viewer = Viewer("ann")
    asked = ask_as(viewer, lambda: base.fetch(endless()))
    assert within(SOON, lambda: len(seen.running()) == 1)
    left = time.monotonic()
    viewer.has_gone.set()
    assert within(SOON, lambda: seen.running() == [])
    assert time.monotonic() - left < SOON
    with pytest.raises(AbandonedError):
        asked.result(SOON)
    assert count(base) == 400


def test_a_viewer_who_goes_on_has_one_question_running_and_the_last_one_wins(base, seen, ask_as):
    """Twenty choices in two seconds, each of a run that the next one replaces."""
    asked, most = [], 0
    viewers = [Viewer("ann") for _ in range(20)]
    for i, viewer in enumerate(viewers):
        work = (lambda i=i: base.fetch(endless(i))) if i < 19 else (lambda: base.fetch(quick()))
        if i:
            viewers[i - 1].has_gone.set()
        asked.append(ask_as(viewer, work))
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            most = max(most, len(seen.running()))
    assert int(asked[-1].result(SOON)["n"].iloc[0]) == 400
    assert most == 1
    for one in asked[:-1]:
        with pytest.raises(AbandonedError):
            one.result(SOON)
    assert within(SOON, lambda: seen.running() == [])


def test_two_viewers_have_a_question_running_each(base, seen, ask_as):
    viewers = [Viewer("ann"), Viewer("bob")]
    asked = [ask_as(viewer, lambda i=i: base.fetch(endless(i))) for i, viewer in enumerate(viewers)]
    assert within(SOON, lambda: len(seen.running()) == 2)
    for viewer in viewers:
        viewer.has_gone.set()
    for one in asked:
        with pytest.raises(AbandonedError):
            one.result(SOON)


def test_a_newer_question_takes_the_place_of_the_one_that_waits():
    turns, entered, release = Turns(), [], threading.Event()

    def take(name):
        with turns.take(Asker("ann", lambda: True)):
            entered.append(name)
            release.wait(SOON)

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(take, "first")
        assert within(SOON, lambda: entered == ["first"])
        second = threads.submit(take, "second")
        assert within(SOON, lambda: "ann" in turns._waiting)
        third = threads.submit(take, "third")
        with pytest.raises(AbandonedError):
            second.result(SOON)
        release.set()
        first.result(SOON)
        third.result(SOON)
    assert entered == ["first", "third"]
    assert turns._running == turns._waiting == {}


def test_one_whose_viewer_has_gone_takes_no_place_however_late_it_comes():
    turns, release = Turns(), threading.Event()

    def take(waits):
        with turns.take(Asker("ann", waits)):
            release.wait(SOON)

    with ThreadPoolExecutor(2) as threads:
        running_one = threads.submit(take, lambda: True)
        assert within(SOON, lambda: "ann" in turns._running)
        newest = threads.submit(take, lambda: True)
        assert within(SOON, lambda: "ann" in turns._waiting)
        with pytest.raises(AbandonedError):
            take(lambda: False)
        release.set()
        running_one.result(SOON)
        newest.result(SOON)


# -- the same question of two ---------------------------------------------------------------------------------------
@pytest.fixture
def ran(monkeypatch):
    """Every select that really ran; each takes a little while."""
    found = []
    to_frame = databases.to_frame

    def slow(result, query):
        found.append(query)
        time.sleep(0.4)
        return to_frame(result, query)

    monkeypatch.setattr(databases, "to_frame", slow)
    return found


def test_the_same_question_of_several_viewers_is_run_once(base, ran, ask_as):
    asked = [ask_as(Viewer(f"viewer {i}"), lambda: count(base)) for i in range(5)]
    assert [one.result(SOON) for one in asked] == [400] * 5
    assert len(ran) == 1


def test_the_next_one_takes_over_when_the_viewer_of_a_shared_question_has_gone(base, seen, ask_as, monkeypatch):
    monkeypatch.setenv(running.SETTING, "2")
    with base.reading() as (engine, _):
        engine.dispose()
    first, second = Viewer("ann"), Viewer("bob")
    asked = ask_as(first, lambda: base.fetch(endless()))
    assert within(SOON, lambda: len(seen.running()) == 1)
    shared = ask_as(second, lambda: base.fetch(endless()))
    time.sleep(0.3)
    assert len(seen.running()) == 1
    first.has_gone.set()
    with pytest.raises(AbandonedError):
        asked.result(SOON)
    assert within(SOON, lambda: len(seen.running()) == 1), "bob's own"
    with pytest.raises(SourceError, match="2 seconds"):
        shared.result(10)


def test_a_viewer_who_waits_for_another_one_s_question_may_go(base, seen, ask_as):
    first, second = Viewer("ann"), Viewer("bob")
    asked = ask_as(first, lambda: base.fetch(endless()))
    assert within(SOON, lambda: len(seen.running()) == 1)
    shared = ask_as(second, lambda: base.fetch(endless()))
    time.sleep(0.2)
    second.has_gone.set()
    with pytest.raises(AbandonedError):
        shared.result(SOON)
    assert len(seen.running()) == 1
    first.has_gone.set()
    with pytest.raises(AbandonedError):
        asked.result(SOON)


# -- connections ----------------------------------------------------------------------------------------------------
LIMIT = {
    "postgresql": "ALTER ROLE {} CONNECTION LIMIT {}",
    "mariadb": "GRANT USAGE ON *.* TO {} WITH MAX_USER_CONNECTIONS {}",
}


@pytest.fixture
def at_most(engine, base, seen):
    """at_most(n): the server takes no more than this many connections of ours."""
    from tests.servers import READER

    def limit(number):
        with base.reading() as (opened, _):
            opened.dispose()
        with seen.admin.connect() as connection:
            connection.execute(text(LIMIT[engine].format(READER, number)))

    yield limit
    limit({"postgresql": -1, "mariadb": 0}[engine])


@SERVERS
def test_more_viewers_than_connections_are_all_answered(base, at_most, ask_as, monkeypatch):
    for url in list(databases._DATABASES):  # other tests' connections count too
        databases._DATABASES[url]._engine and databases._DATABASES[url]._engine.dispose()
    at_most(3)

    def slowly(result, query, to_frame=databases.to_frame):
        time.sleep(0.1)
        return to_frame(result, query)

    monkeypatch.setattr(databases, "to_frame", slowly)
    asked = [ask_as(Viewer(f"viewer {i}"), lambda i=i: base.fetch(quick().limit(i + 1))) for i in range(20)]
    assert [int(one.result(20)["n"].iloc[0]) for one in asked] == [400] * 20


@SERVERS
def test_no_connection_free_is_one_sentence_and_the_next_question_is_answered(base, seen, at_most, ask_as, monkeypatch):
    for url in list(databases._DATABASES):
        databases._DATABASES[url]._engine and databases._DATABASES[url]._engine.dispose()
    monkeypatch.setattr(running, "BUSY_FOR", 0.5)
    at_most(1)
    viewer = Viewer("ann")
    asked = ask_as(viewer, lambda: base.fetch(endless()))
    assert within(SOON, lambda: len(seen.running()) == 1)
    with pytest.raises(UnreachableError) as fault:
        count(base)
    assert fault.value.key == "source_busy"
    assert "no connection free" in str(fault.value)
    viewer.has_gone.set()
    for number in seen.running():  # cancelling it needs a connection of its own in MariaDB
        seen.end(number)
    with pytest.raises(AbandonedError):
        asked.result(SOON)
    assert within(SOON, lambda: seen.running() == [])
    assert count(base) == 400


def test_no_more_connections_are_opened_than_the_pool_holds(base, seen, ask_as):
    viewers = [Viewer(f"viewer {i}") for i in range(12)]
    asked = [ask_as(viewer, lambda i=i: base.fetch(endless(i))) for i, viewer in enumerate(viewers)]
    assert within(SOON, lambda: len(seen.running()) == 8)
    time.sleep(0.5)
    assert len(seen.running()) == 8
    for viewer in viewers:
        viewer.has_gone.set()
    for one in asked:
        with pytest.raises(AbandonedError):
            one.result(2 * SOON)
    assert within(SOON, lambda: seen.running() == [])


# -- dropped --------------------------------------------------------------------------------------------------------
@SERVERS
def test_a_question_whose_connection_drops_is_put_once_more(base, seen, ask_as, monkeypatch):
    monkeypatch.setattr(running, "AGAIN_AFTER", 0.0)
    tries = []

    def work(connection):
        tries.append(1)
        query = endless() if len(tries) == 1 else quick()
        return connection.execute(query).scalar()

    asked = ask_as(Viewer("ann"), lambda: base._run(base._engine, work))
    assert within(SOON, lambda: len(seen.running()) == 1)
    seen.end(seen.running()[0])
    assert asked.result(SOON) == 400
    assert len(tries) == 2


@SERVERS
def test_one_that_drops_twice_is_one_sentence(base, seen, ask_as, monkeypatch):
    monkeypatch.setattr(running, "AGAIN_AFTER", 0.0)
    asked = ask_as(Viewer("ann"), lambda: base.fetch(endless()))
    ended: set[int] = set()
    for _ in range(2):
        assert within(SOON, lambda: set(seen.running()) - ended)
        (number,) = set(seen.running()) - ended
        seen.end(number)
        ended.add(number)
    with pytest.raises(UnreachableError):
        asked.result(SOON)
    monkeypatch.setattr(databases, "CALM", 0.0)
    assert within(10, lambda: base._down is None or base._down[0] < time.monotonic())
    assert count(base) == 400


@SERVERS
def test_connections_that_were_closed_between_two_questions_are_opened_again(base, seen):
    assert count(base) == 400
    with base.reading() as (opened, _), opened.connect() as connection:
        own = "SELECT pg_backend_pid()" if seen.name == "postgresql" else "SELECT connection_id()"
        number = connection.execute(text(own)).scalar()
    seen.end(number)
    base.forget()
    assert count(base) == 400


# -- nothing stays behind -------------------------------------------------------------------------------------------
def test_a_late_cancellation_never_hits_the_next_question(base, seen, ask_as):
    """Viewers go at any moment around the end of their question; other questions on the same connections stand."""
    for i in range(30):
        viewer = Viewer("ann")
        asked = ask_as(viewer, lambda i=i: base.fetch(quick().limit(i + 1)))
        time.sleep(0.002 * (i % 5))
        viewer.has_gone.set()
        assert int(base.fetch(quick().limit(100 + i))["n"].iloc[0]) == 400
        with suppress(AbandonedError):
            asked.result(SOON)


def test_a_file_keeps_its_answers_after_a_question_was_stopped(place_sqlite, ask_as):
    url = place_sqlite.write(World(orders=[{"net": 1}]))
    base = open_source(url).base
    assert database(url) is base
    assert count(base) == 1
    forget(url)
