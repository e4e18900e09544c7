"""data_access/spark.py: values come back as they were sent, sessions can only read, and a lost worker loses no answer."""

from __future__ import annotations

import threading
import time
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, inspect, literal, select, text

from data_access import engines
from data_access.errors import SourceError
from data_access.running import SETTING
from data_access.schema import TABLES
from data_access.source import open_source
from tests.company import company
from tests.spark_cluster import WORKERS, cluster
from tests.worlds import World

spark = pytest.importorskip("data_access.spark", reason="no driver for Spark; install requirements-spark.txt")

HOSTILE = [
    "it's", "back\\slash", "ends in \\", "\\' OR 1=1 --", "100 %", "%(x)s %s", "two\nlines\ttab\r", "北京 — ü 🙂",
    "${spark.app.name} ${env:HOME}", "\\u0041 \\x41 \\101", '"quoted" `so`', "; DROP TABLE orders", ":name ?", "/* */ --", "",
]  # fmt: skip
ORDERS = TABLES["orders"].c


# -- without a cluster ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"), (True, "TRUE"), (7, "7"), (-2**40, str(-2**40)), (0.1, "0.1D"), (1e-7, "1e-07D"),
        (float("-inf"), "CAST('-inf' AS DOUBLE)"), (Decimal("1.50"), "1.50BD"), (date(2026, 1, 2), "DATE '2026-01-02'"),
        (datetime(2026, 1, 2, 3, 4, 5, 6), "TIMESTAMP '2026-01-02 03:04:05.000006'"), ("a'b\\", "'a\\'b\\\\'"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_what_it_is(value, text):
    assert spark.written(value) == text


def test_a_value_that_cannot_be_written_is_refused():
    with pytest.raises(spark.hive.ProgrammingError, match="bytes"):
        spark.written(b"x")


def test_a_type_is_known_by_spark_s_name_for_it():
    named = {name: repr(spark.type_named(name)) for name in ("decimal(24,6)", "STRING", "timestamp_ntz", "array<int>")}
    assert list(named.values()) == ["Numeric(precision=24, scale=6)", "String()", "DateTime()", "NullType()"]


def test_a_server_that_cannot_be_reached_is_one_sentence_without_the_password():
    with pytest.raises(SourceError, match="connect") as fault:
        open_source("spark://ann:very%20secret@127.0.0.1:1/sales")
    assert "secret" not in str(fault.value)
    assert "\n" not in str(fault.value)


# -- on a cluster ---------------------------------------------------------------------------------------------------
@pytest.fixture
def base(shelf):
    """The larger company on Spark."""
    return open_source(shelf("spark", "company", company)).base


@pytest.fixture
def connection(base):
    """A session."""
    with base.reading() as (engine, _), engine.connect() as opened:
        yield opened


@pytest.mark.spark
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_text_comes_back_as_it_was_sent(base, value):
    said = literal(value)
    query = select(said.label("x"), func.length(said).label("n")).where(said == value)
    assert base.rows(query) == [{"x": value, "n": len(value)}]
    with base.reading() as (engine, _), engine.connect() as opened:
        by_hand = str(query.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True}))
        assert opened.exec_driver_sql(by_hand).fetchall() == [(value, len(value))]


@pytest.mark.spark
@pytest.mark.parametrize(
    "value", [0.1, 1e300, -1e-300, 2**53 + 1, date(2026, 2, 28), datetime(1969, 12, 31, 23, 59, 59, 1), True]
)
def test_a_value_comes_back_as_it_was_sent(base, value):
    assert base.rows(select(literal(value).label("x"))) == [{"x": value}]


@pytest.mark.spark
def test_days_moments_and_amounts_arrive_as_such(shelf):
    target = {"metric": "revenue", "period_start": "2026-01-01", "period_end": "2026-01-31", "value": 10.5}
    at = datetime(2026, 3, 29, 1, 30, 0, 123456)
    world = World(orders=[{"ordered_at": at, "net": 12.345678}], targets=[target])
    with open_source(shelf("spark", "types", lambda: world)).base.reading() as (engine, _), engine.connect() as opened:
        assert opened.execute(select(TABLES["targets"].c.period_start)).scalar() == date(2026, 1, 1)
        assert opened.execute(select(ORDERS.ordered_at, ORDERS.net)).one() == (at, 12.345678)


@pytest.mark.spark
def test_tables_and_their_columns_are_found(connection):
    found = inspect(connection)
    assert set(TABLES) <= set(found.get_table_names())
    kinds = {column["name"]: str(column["type"]) for column in found.get_columns("orders")}
    expected = {"order_id": "VARCHAR", "net": "NUMERIC(24, 6)", "ordered_at": "DATETIME", "is_test": "BOOLEAN"}
    assert expected.items() <= kinds.items()
    assert list(kinds) == [column.name for column in TABLES["orders"].columns]


@pytest.mark.spark
def test_a_session_cannot_write(connection):
    for statement in ("DELETE FROM orders", "INSERT INTO orders SELECT * FROM orders", "CREATE TABLE other (x INT)"):
        with pytest.raises(Exception, match=r"read-only"):
            connection.execute(text(statement))
    assert connection.execute(text("SELECT count(*) FROM orders")).scalar() > 200


@pytest.mark.spark
def test_the_clock_of_a_session_is_utc_whatever_the_server_s(connection):
    assert connection.execute(text("SELECT current_timezone()")).scalar() == "UTC"


@pytest.mark.spark
def test_a_fault_is_one_sentence_in_spark_s_words(base):
    missing = TABLES["orders"].alias().c.net
    with pytest.raises(SourceError, match=r"\[DIVIDE_BY_ZERO\] Division by zero") as fault:
        base.fetch(select((literal(1) / func.nullif(func.length("a"), 2)).label("x"), func.sum(missing / 0).label("y")))
    assert "Exception" not in str(fault.value)


@pytest.mark.spark
def test_a_session_that_the_server_has_forgotten_is_replaced(base):
    query = select(func.count().label("n")).select_from(TABLES["orders"])
    with base.reading() as (engine, _):
        with engine.connect() as opened:
            opened.connection.driver_connection.client.CloseSession(
                spark.ttypes.TCloseSessionReq(opened.connection.driver_connection.sessionHandle)
            )
        with engine.connect() as opened:
            assert opened.execute(query).scalar() > 200


def long_question(rows):
    """Counts rows in a thousand parts: a dozen seconds for 60 million."""
    number = func.range(0, rows, 1, 60).table_valued("id").c.id
    parts = select((number % 1000).label("part"), func.sum(func.hash(number) % 7 * 0 + 1).label("n")).group_by("part")
    return select(func.count().label("parts"), func.sum(parts.subquery().c.n).label("n"))


@pytest.mark.spark
def test_a_question_that_takes_too_long_is_stopped_on_the_cluster_too(base, monkeypatch):
    monkeypatch.setenv(SETTING, "2")
    began = time.monotonic()
    with pytest.raises(SourceError, match="longer than 2 seconds"):
        base.rows(long_question(4_000_000_000))
    monkeypatch.setenv(SETTING, "60")
    assert base.rows(select(literal(1).label("x"))) == [{"x": 1}]
    assert time.monotonic() - began < 60  # it would take a quarter of an hour


@pytest.mark.spark
def test_a_worker_that_is_lost_while_it_works_loses_no_answer(base):
    """The work takes a dozen seconds; after three, half of the cluster goes, and with it what it had put together."""
    running = cluster()
    assert running.alive() == WORKERS == 2
    query = long_question(60_000_000)
    found = []
    asked = threading.Thread(target=lambda: found.extend(base.rows(query)))
    asked.start()
    time.sleep(3)
    assert not found
    running.kill_worker()
    try:
        asked.join(300)
        assert found == [{"parts": 1000, "n": 60_000_000}]
    finally:
        running.add_worker()
    until = time.monotonic() + 200
    while running.alive() != WORKERS and time.monotonic() < until:
        time.sleep(0.5)
    assert running.alive() == WORKERS


def test_a_plain_scheme_is_our_dialect():
    assert engines.locate("spark://host/db").get_dialect() is spark.SparkDialect
