"""data_access/clickhouse.py: ClickHouse answers as other engines do, and a session of it can only read."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Float, Numeric, cast, column, func, inspect, literal, select, table, text

from data_access.errors import SourceError
from data_access.schema import TABLES
from data_access.source import open_source
from tests.chdb_worlds import chdb
from tests.company import company
from tests.data_access.test_spark import HOSTILE
from tests.worlds import World

clickhouse = pytest.importorskip("data_access.clickhouse", reason="no driver; install requirements-clickhouse.txt")
ORDERS = TABLES["orders"].c


@pytest.fixture
def base(shelf):
    """The larger company on ClickHouse."""
    return open_source(shelf("clickhouse", "company", company)).base


@pytest.fixture
def connection(base):
    """A session."""
    with base.reading() as opened, base_engine(opened).connect() as session:
        yield session


def base_engine(opened):
    return opened[0] if isinstance(opened, tuple) else opened


@pytest.fixture
def own(base):
    """A database made as a company may have made it, beside the worlds."""
    client = chdb().client
    client.command("CREATE DATABASE IF NOT EXISTS own ENGINE = Memory")
    client.command(
        "CREATE TABLE own.a (id Int64, name LowCardinality(String), at DateTime('Asia/Tokyo')) ENGINE = Memory"
    )
    client.command("CREATE TABLE own.b (id Int64, kind Enum8('x' = 1), amount Decimal(9, 2)) ENGINE = Memory")
    client.command("INSERT INTO own.a VALUES (1, 'one', 1767225600), (2, 'two', 1767225601)")
    client.command("INSERT INTO own.b VALUES (1, 'x', 1.5)")
    yield client
    client.command("DROP DATABASE own")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "NULL"), (True, "true"), (7, "7"), (0.1, "0.1"), (float("inf"), "CAST('inf' AS Float64)"),
        (Decimal("1.50"), "CAST('1.50' AS Decimal(38, 2))"), (date(2026, 1, 2), "toDate32('2026-01-02')"),
        (datetime(2026, 1, 2, 3, 4, 5, 6), "toDateTime64('2026-01-02 03:04:05.000006', 6, 'UTC')"), ("a'b\\", "'a\\'b\\\\'"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_what_it_is(value, told):
    assert clickhouse.written(value) == told


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_text_comes_back_as_it_was_sent(base, value):
    said = literal(value)
    query = select(said.label("x"), func.lengthUTF8(said).label("n")).where(said == value)
    assert base.rows(query) == [{"x": value, "n": len(value)}]


@pytest.mark.parametrize(
    "value", [0.1, 1e300, 2**53 + 1, date(2026, 2, 28), datetime(1969, 12, 31, 23, 59, 59, 1), True]
)
def test_a_value_comes_back_as_it_was_sent(base, value):
    assert base.rows(select(literal(value).label("x"))) == [{"x": value}]


def test_a_session_cannot_write(connection):
    for statement in (
        "TRUNCATE TABLE orders",
        "INSERT INTO orders SELECT * FROM orders",
        "CREATE TABLE o (x Int8) ENGINE = Memory",
    ):
        with pytest.raises(Exception, match=r"(?i)readonly"):
            connection.execute(text(statement))
    with pytest.raises(Exception, match=r"(?i)readonly"):
        connection.execute(text("SELECT 1 SETTINGS readonly = 0"))
    assert connection.execute(text("SELECT count(*) FROM orders")).scalar() > 200


def test_a_session_in_which_a_setting_did_not_take_is_refused(base, monkeypatch):
    monkeypatch.setattr(clickhouse, "SESSION", {**clickhouse.SESSION, "session_timezone": "UTC "})
    with pytest.raises(clickhouse.dbapi.Error, match=r"cannot set session_timezone|[Tt]ime ?zone"):
        clickhouse.ClickHouseConnection(interface="chdb", path=chdb().folder)


def test_what_a_left_join_does_not_find_is_nothing(own, connection):
    found = connection.execute(
        text("SELECT b.amount, b.kind FROM own.a LEFT JOIN own.b ON b.id = a.id ORDER BY a.id")
    ).all()
    assert found == [(Decimal("1.50"), "x"), (None, None)]


def test_a_sum_of_no_rows_is_nothing_and_their_number_is_0(base):
    nobody = select(func.sum(ORDERS.net).label("sum"), func.count().label("n"), func.max(ORDERS.order_id).label("last"))
    assert base.rows(nobody.where(ORDERS.order_id == "nobody")) == [{"sum": None, "n": 0, "last": None}]


def test_before_the_first_row_there_is_nothing(own, base):
    rows = table("a", column("id"), schema="own").c
    found = base.rows(select(rows.id, func.lag(rows.id).over(order_by=rows.id).label("before")).order_by(rows.id))
    assert found == [{"id": 1, "before": None}, {"id": 2, "before": 1}]


@pytest.mark.parametrize(
    "amount", ["1", "-1", "33.384", "0.3", "0.000001", "-0.000001", "123456789.123457", "1e15", "0"]
)
def test_a_float_becomes_the_amount_that_it_is_written_as(base, amount):
    exact = cast(cast(literal(float(amount)), Float), Numeric(24, 6, asdecimal=True))
    with base.reading() as opened, base_engine(opened).connect() as session:
        assert session.execute(select(exact)).scalar() == Decimal(amount)


def test_a_float_is_rounded_to_the_places_of_an_amount(base):
    amounts = [cast(cast(literal(value), Float), Numeric(24, 2)) for value in (0.999, -0.999, 1.1)]
    assert list(base.rows(select(*(amount.label(f"x{i}") for i, amount in enumerate(amounts))))[0].values()) == [
        1.0,
        -1.0,
        1.1,
    ]


def test_a_new_name_does_not_hide_the_column(base):
    query = select((ORDERS.net * 0).label("net")).where(ORDERS.net > 0)
    assert len(base.rows(query)) > 200


def test_columns_of_clickhouse_s_own_types_are_known(own, connection):
    kinds = {c["name"]: str(c["type"]) for name in "ab" for c in inspect(connection).get_columns(name, schema="own")}
    assert kinds == {"id": "BIGINT", "name": "VARCHAR", "at": "DATETIME", "kind": "VARCHAR", "amount": "NUMERIC(9, 2)"}


def test_a_moment_in_another_zone_is_told_in_utc(own, base):
    rows = table("a", column("id"), column("at"), schema="own").c
    assert base.rows(select(cast(rows.at, ORDERS.ordered_at.type).label("at")).where(rows.id == 1)) == [
        {"at": datetime(2026, 1, 1)}
    ]


def test_a_server_that_cannot_be_reached_is_one_sentence_without_the_password():
    with pytest.raises(SourceError) as fault:
        open_source("clickhouse://ann:very%20secret@127.0.0.1:1/sales")
    assert "secret" not in str(fault.value)
    assert "\n" not in str(fault.value)


def test_an_answer_without_rows_names_its_columns(load_on):
    frame = load_on("clickhouse", World()).fetch(select(ORDERS.order_id, ORDERS.net))
    assert (list(frame.columns), len(frame)) == (["order_id", "net"], 0)
