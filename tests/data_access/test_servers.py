"""What holds only on a server: its sessions can only read, are in UTC, and never give a list that was cut."""

from __future__ import annotations

import importlib.util
import socket
import threading

import pytest
from sqlalchemy import create_engine, event, or_, select, text

from data_access import account, engines, failures
from data_access.errors import SourceError
from data_access.gathered import gathered, quantile_of
from data_access.schema import TABLES
from data_access.source import open_source
from metrics.metric import all_metrics
from tests import servers
from tests.servers import DEFAULTS
from tests.worlds import Place, World, ask_source, forget

pytestmark = pytest.mark.engines
SERVERS = pytest.mark.parametrize("name", DEFAULTS)
ORDERS = World(orders=[{"net": i} for i in range(400)])


@pytest.fixture
def url(name, shelf):
    return shelf(name, "orders", lambda: ORDERS)


@SERVERS
def test_a_session_cannot_write_even_where_its_account_could(url, monkeypatch):
    allowed = servers.writer(url)
    monkeypatch.setenv(account.ALLOWED, engines.locate(allowed).username)
    with open_source(allowed).base.reading() as (engine, _), engine.connect() as connection:
        for statement in ("DELETE FROM orders", "UPDATE orders SET net = 0", "CREATE TABLE other (x INTEGER)"):
            with pytest.raises(Exception, match=r"(?i)read.only"):
                connection.execute(text(statement))
        assert connection.execute(text("SELECT count(*) FROM orders")).scalar() == 400
    forget(allowed)


@pytest.mark.parametrize("name", ["mariadb"])
def test_what_a_server_is_told_to_read_otherwise_changes_nothing(name, load_on):
    """MySQL's own mode wants more of GROUP BY; others read quotes, `||` and backslashes in their own way."""
    found = servers.server(name)
    if isinstance(found, str) or not found.is_own:
        pytest.skip("the modes of somebody else's server are not changed")
    people = [{"customer_id": "a", "region": 'No"rth\\'}, {"customer_id": "b"}]
    orders = [{"customer_id": who, "net": 10, "ordered_at": f"2026-01-{n:02}"} for n, who in enumerate("aab", start=1)]
    with found.admin.connect() as connection:
        before = connection.execute(text("SELECT @@GLOBAL.sql_mode")).scalar()
        connection.execute(text("SET GLOBAL sql_mode = 'ANSI,ONLY_FULL_GROUP_BY,NO_BACKSLASH_ESCAPES'"))
        try:
            source = load_on(name, World(customers=people, orders=orders))
            with source.base.reading() as (engine, _), engine.connect() as ours:
                assert ours.execute(text("SELECT @@SESSION.sql_mode")).scalar() == engines.SQL_MODE
            for metric in all_metrics():
                ask_source(source, metric, "2026-01")
            answer = ask_source(source, "revenue", "2026-01", where={"region": ('No"rth\\',)})
            assert answer.result.value == 20
        finally:
            connection.execute(text("SET GLOBAL sql_mode = :before"), {"before": before})


@SERVERS
def test_the_clock_of_a_session_is_utc(url, name):
    ask = {"postgresql": "SHOW TIME ZONE", "mariadb": "SELECT @@session.time_zone"}[name]
    with open_source(url).base.reading() as (engine, _), engine.connect() as connection:
        assert connection.execute(text(ask)).scalar() in ("UTC", "+00:00")


@pytest.mark.parametrize("name", ["mariadb"])
def test_a_list_that_was_cut_is_refused(url):
    base = open_source(url).base
    values = select(gathered(TABLES["orders"].c.net, 0.5).label("values")).subquery().c
    query = select(quantile_of(values["values"], 0.5).label("median"))
    assert base.fetch(query)["median"].tolist() == [199.5]
    base.forget()
    with base.reading() as (engine, _):
        engine.dispose()
        event.listen(engine, "connect", lambda raw, _: raw.query("SET SESSION group_concat_max_len = 512"))
        with pytest.raises(SourceError, match="max_allowed_packet"):
            base.fetch(query)


@SERVERS
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": 1}, "refused|connect"),
        ({"database": "nothing_of_the_kind"}, "nothing_of_the_kind"),
        ({"username": "stranger", "password": "very secret"}, "stranger"),
    ],
)
def test_a_server_that_cannot_be_asked_is_one_sentence_without_the_password(url, wrong, said):
    broken = engines.locate(url).set(**wrong).render_as_string(hide_password=False)
    with pytest.raises(SourceError, match=said) as fault:
        open_source(broken)
    assert "very" not in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_password_is_masked_and_a_word_that_holds_it_is_not():
    url = engines.locate("postgresql://ann:x@localhost/db")
    assert str(failures.explain(ValueError("x does not exist"), url)).endswith("*** does not exist")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb"])
def test_a_plain_scheme_takes_the_driver_that_the_extra_brings(scheme):
    assert engines.locate(f"{scheme}://host/db").drivername in (
        "postgresql+psycopg",
        "mysql+pymysql",
        "mariadb+pymysql",
    )


@pytest.mark.parametrize("name", ["mariadb"])
def test_any_text_can_be_looked_for_in_an_old_character_set(name, tmp_path):
    orders = [{"channel": "caf\u00e9", "owner_id": "bo"}, {"owner_id": "al"}]
    url = Place(name, tmp_path, tmp_path).write(World(orders=orders))
    writer = create_engine(servers.writer(url))
    with writer.begin() as connection:
        connection.execute(text("ALTER TABLE orders CONVERT TO CHARACTER SET latin1"))
    source = open_source(url)
    for where in ({"owner": "北京"}, {"channel": "北京"}):
        assert ask_source(source, "orders", "2026-01", where=where).result.value == 0
    assert ask_source(source, "orders", "2026-01", where={"channel": "caf\u00e9"}).result.value == 1
    with writer.begin() as connection:
        connection.execute(text("ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4"))
    writer.dispose()
    forget(url)


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
@pytest.mark.engines
def test_the_sql_shown_runs_as_it_is_pasted(load_on, name):
    """In a raw cursor without parameters, as psql and mysql take it: each `%` is one, and values are what they were."""
    regions = ["50% %s", "%%", "a\\b'c:d", "10%"]
    source = load_on(
        name,
        World(
            customers=[{"customer_id": f"c{i}", "region": region} for i, region in enumerate(regions)],
            orders=[{"customer_id": f"c{i}", "net": 10**i} for i in range(len(regions))],
        ),
    )
    people, orders = source.crm.customers.c, source.crm.orders.c
    query = (
        select(people.region.label("region"), (orders.net % 7).label("rest"))
        .join_from(source.crm.customers, source.crm.orders, people.customer_id == orders.customer_id)
        .where(people.region.in_(regions[:3]), or_(people.region.like("%\\%%", escape="\\"), people.region != "x%"))
        .order_by(orders.net)
    )
    frame = source.fetch(query)
    with source.base.reading() as (engine, _), engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(source.base.sql(query))
        pasted = [(region, float(rest)) for region, rest in cursor.fetchall()]
    assert pasted == list(frame.itertuples(index=False, name=None))
    assert [region for region, _ in pasted] == regions[:3]
    assert source.fetch(query).equals(frame)  # writing it out has changed nothing of how the driver is asked


# -- what only MySQL says -------------------------------------------------------------------------------------------
GREETING = b"\x0a8.4.0\0" + bytes(4) + b"12345678\0" + b"\xff\xf7\xff\x02\0\xff\xdf\x15" + bytes(10)
PLUGIN = b"123456789012\0caching_sha2_password\0"
ASKS = (GREETING + PLUGIN, b"\x01\x04", b"\x01-----BEGIN PUBLIC KEY-----")


def mysql_without_tls() -> int:
    """The port of what greets as MySQL 8.4 does, offers no TLS, and wants the password under its public key."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        caller, _ = listener.accept()
        for number, packet in enumerate(ASKS):
            caller.sendall(len(packet).to_bytes(3, "little") + bytes([2 * number]) + packet)
            caller.recv(4096)
        caller.close()
        listener.close()

    threading.Thread(target=greet, daemon=True).start()
    return int(listener.getsockname()[1])


def test_a_password_that_mysql_takes_by_tls_alone_is_one_sentence():
    if importlib.util.find_spec("cryptography"):
        pytest.skip("the driver can encrypt a password by itself here")
    url = f"mysql://reader:secret@127.0.0.1:{mysql_without_tls()}/crm"
    with pytest.raises(SourceError, match=r"does not let `reader` in \('cryptography' package is required") as fault:
        open_source(url)
    assert fault.value.key == "source_password"
    forget(url)
