"""data_access/reading.py: questions pass, whatever else is refused before it is sent."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import InvalidRequestError

from data_access.reading import is_question, let_only_questions_pass


@pytest.mark.parametrize("grammar", ["spark", "trino", ""])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1", "select 1", " \n(SELECT 1) UNION (SELECT 2)", "/* so */ SELECT 1", "SHOW TABLES", "DESCRIBE x",
        "WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 'INSERT') SELECT `update` FROM a",
    ],
)  # fmt: skip
def test_a_question_is_let_through(statement, grammar):
    assert is_question(statement, grammar)


@pytest.mark.parametrize("grammar", ["spark", "trino", ""])
@pytest.mark.parametrize(
    "statement",
    [
        "", "INSERT INTO x VALUES (1)", "DROP TABLE x", "WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a",
        "FROM a INSERT INTO x SELECT *", "WITH a AS (SELECT 1) FROM a INSERT INTO x SELECT *", "SET x = 1", "(DROP TABLE x)",
        "/* SELECT */ DELETE FROM x", "-- SELECT\nTRUNCATE TABLE x", "ADD JAR x", "CACHE TABLE x", "USE y", "MERGE INTO x",
        "WITH a AS (SELECT 1) UPDATE x SET y = 1", "REFRESH TABLE x", "CALL x()", "EXECUTE IMMEDIATE 'DROP TABLE x'",
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(statement, grammar):
    assert not is_question(statement, grammar)


def test_an_engine_without_sessions_that_only_read_sends_questions_only():
    engine = create_engine("sqlite://")
    let_only_questions_pass(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 7")).scalar() == 7
        with pytest.raises(InvalidRequestError, match="read-only: CREATE TABLE is refused"):
            connection.execute(text("CREATE TABLE x (y INTEGER)"))
        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar() == 0
