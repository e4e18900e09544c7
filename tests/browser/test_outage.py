"""The database server behind an open page: stopped and started again, left in the middle of a question, and slow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import Engine, create_engine, make_url, text

from data_access import account
from i18n.words import Words, load_words
from tests import private_servers, servers
from tests.activity import within
from tests.browser.server import Server, started
from tests.browser.window import Window
from tests.worlds import World, fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EN, ZH = load_words("en"), load_words("zh-CN")
RECOVERS = 20_000  # milliseconds: the page looks every five seconds
FRESH = 90.0  # seconds: longer than an answer of a server is taken from memory, on a busy machine
BANNER = ".st-key-outage .problem"
ENDS = 5.0  # seconds, of threats.md
SLOW = """
ALTER TABLE orders RENAME TO orders_kept;
CREATE VIEW orders AS SELECT o.* FROM orders_kept o WHERE (SELECT pg_sleep(0.3)) IS NOT NULL
"""
FAST = "DROP VIEW orders; ALTER TABLE orders_kept RENAME TO orders"
WORLD = World(
    customers=[{"customer_id": f"c{i}", "region": ("North", "South")[i % 2]} for i in range(40)],
    orders=[
        {"customer_id": f"c{i % 40}", "ordered_at": f"2026-{1 + i % 12:02}-{1 + i % 27:02}", "net": 100 + i}
        for i in range(400)
    ],
)


class Company:
    """A PostgreSQL of its own with a company in it, and the app that reads it."""

    def __init__(self, server: private_servers.PrivateServer, app: Server, admin: Engine) -> None:
        self.server, self.app, self.admin = server, app, admin

    def say(self, statement: str) -> list[object]:
        """Tell the database something, as its administrator."""
        with self.admin.connect() as connection:
            result = connection.execute(text(statement))
            return list(result.scalars()) if result.returns_rows else []

    def running(self) -> int:
        """How many questions of the app run at this moment."""
        asked = "SELECT pid FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'"
        return len(self.say(asked))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    server = private_servers.own("postgresql")
    if server is None:
        pytest.skip("no postgresql is installed")
    admin = create_engine(server.url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    servers.tables_for("postgresql").create_all(admin)
    fill(admin, WORLD)
    with admin.connect() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN PASSWORD 'a secret of ours'"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        connection.execute(text("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader"))
    url = make_url(server.url).set(username="reader", password="a secret of ours")
    with ExitStack() as open_till_the_end:
        log = tmp_path_factory.mktemp("outage") / "log.txt"
        app = open_till_the_end.enter_context(started(url.render_as_string(hide_password=False), log))
        yield Company(server, app, admin)
    admin.dispose()
    server.stop()


@pytest.fixture
def up(served):
    """The company, with its server running."""
    if served.server.process is None:
        served.server.start()
    return served


def test_a_server_that_stops_under_open_pages_leaves_the_figures_with_their_age_until_it_is_back(up, window):
    viewers = {words: window(url=up.app.url).open("overview", words.language) for words in (EN, ZH)}
    before = {words: viewer.figures["cards"] for words, viewer in viewers.items()}
    assert all(len(cards) > 3 for cards in before.values())
    up.server.stop()
    until = time.monotonic() + FRESH
    for words, viewer in viewers.items():
        banner = viewer.page.locator(BANNER)
        while banner.count() == 0 and time.monotonic() < until:  # for a minute the figures are new enough unasked
            time.sleep(2)
            viewer.open("overview", words.language)
        expect(banner).to_have_text(words("panel.outage.source_unreachable"))
        assert viewer.figures["cards"] == before[words]
        assert old_in(viewer, words).count() > 3
        assert viewer.page.locator("[data-testid=stException]").count() == 0
    up.server.start()
    for words, viewer in viewers.items():
        expect(viewer.page.locator(BANNER)).to_have_count(0, timeout=RECOVERS)
        expect(old_in(viewer, words)).to_have_count(0)
        assert viewer.figures["cards"] == before[words]
        assert "a secret of ours" not in viewer.page.content()
    assert "a secret of ours" not in up.app.log.read_text()


def old_in(viewer: Window, words: Words) -> Locator:
    """Where the page says how old its figures are."""
    said = words("panel.old", moment="|", age="|").split("|")[-1]
    return viewer.page.locator(".notes", has_text=said)


def test_a_server_that_is_down_at_the_start_is_one_sentence_and_the_page_comes_with_it(up, window, tmp_path):
    up.server.stop()
    url = make_url(up.server.url).set(username="reader", password="a secret of ours")
    with started(url.render_as_string(hide_password=False), tmp_path / "log.txt") as app:
        viewer = window(url=app.url).open("overview")
        expect(viewer.page.locator(".empty")).to_have_count(1)
        assert "does not answer" in viewer.boxes[0]
        up.server.start()
        expect(viewer.page.locator(".kpi .value").first).to_be_visible(timeout=RECOVERS)
    assert "a secret of ours" not in (tmp_path / "log.txt").read_text()


def test_an_account_that_can_write_is_refused_on_the_page_with_what_to_do(up, window, tmp_path):
    with started(up.server.url, tmp_path / "log.txt") as app:
        viewer = window(url=app.url).open("overview")
        expect(viewer.page.locator(".empty")).to_have_count(1)
        assert "GRANT SELECT" in viewer.boxes[0]
        assert f"{account.ALLOWED}=postgres" in viewer.boxes[0]


@pytest.fixture
def slow(up):
    """Every question takes far longer than anybody waits."""
    for statement in SLOW.replace("0.3", "25").split(";"):
        up.say(statement)
    yield up
    up.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    for statement in FAST.split(";"):
        up.say(statement)


def test_a_viewer_who_chooses_and_chooses_has_one_question_running_and_none_once_the_window_is_closed(
    up, window, request
):
    viewer = window(url=up.app.url).open("overview")
    slow = request.getfixturevalue("slow")
    most, choices = 0, ("last_month", "last_year", "last_30_days", "last_quarter", "last_7_days", "last_month")
    for choice in choices:
        viewer.at("period-bar").get_by_role("combobox").click()
        viewer.page.get_by_role("option", name=EN(f"filter.period.choice.{choice}"), exact=True).click()
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            most = max(most, slow.running())
            time.sleep(0.02)
    assert within(30, lambda: slow.running() == 1)
    assert most == 1
    viewer.page.close()

    assert within(ENDS, lambda: slow.running() == 0)
