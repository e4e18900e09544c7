"""Every metric's SQL is grammar to engines that no test can run, and calls only what they have.

    MySQL 8               MySQL's dialect; MariaDB, which shares it, is run
    Databricks            our Spark dialect
    Redshift              PostgreSQL's dialect
    StarRocks, Doris      MySQL's dialect
    Trino                 its own dialect, with our types
    Snowflake, BigQuery   a dialect of this test: names and types as they write them, and our constructs

This shows that they can read the statements, not that they answer them alike (docs/engines.md).
"""

from __future__ import annotations

import pytest
import sqlglot
from sqlalchemy import func
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import GenericTypeCompiler, IdentifierPreparer
from sqlalchemy.sql.functions import Function
from sqlglot import exp

from data_access import engines
from data_access.source import open_source
from metrics.metric import all_metrics
from tests.company import company
from tests.worlds import ask_source

FILTERS = {"region": ("North", "(none)"), "channel": "web", "category": ("Bikes", "(none)"), "team": "red"}


BIGQUERY_TYPES = {"VARCHAR": "STRING", "FLOAT": "FLOAT64", "INTEGER": "INT64"}


class SnowflakeDialect(DefaultDialect):
    name = "snowflake"
    supports_native_boolean = True


BigQueryTypes = type(
    "BigQueryTypes",
    (GenericTypeCompiler,),
    {f"visit_{name}": lambda self, type_, written=written, **kw: written for name, written in BIGQUERY_TYPES.items()},
)


class Backticks(IdentifierPreparer):
    def __init__(self, dialect):
        super().__init__(dialect, "`")


class BigQueryDialect(DefaultDialect):
    name = "bigquery"
    supports_native_boolean = True
    type_compiler_cls = BigQueryTypes
    preparer = Backticks


def trino():
    return pytest.importorskip("data_access.trino").TrinoDialect()


DIALECTS = {
    "databricks": lambda: pytest.importorskip("data_access.spark").SparkDialect(),
    "redshift": postgresql.dialect,
    "mysql": mysql.dialect,
    "starrocks": mysql.dialect,
    "doris": mysql.dialect,
    "trino": trino,
    "snowflake": SnowflakeDialect,
    "bigquery": BigQueryDialect,
}
# What sqlglot has no class of its own for, and the engine's manual lists.
KNOWN = {
    "databricks": {"get"},
    "mysql": {"json_length"},
    "starrocks": {"json_length"},
    "doris": {"json_length"},
}
NO_MEDIAN = {"doris": "GROUP_CONCAT"}  # how MySQL gathers a list, it does not


@pytest.fixture(scope="module")
def queries(shelf):
    """Every select that the metrics ask of the larger company, by metric."""
    source = open_source(shelf("duckdb", "company", company))
    asked = {}
    for name in all_metrics():
        answers = [ask_source(source, name, "2025-10"), ask_source(source, name, "2025-11", where=FILTERS)]
        asked[name] = [statement.query for answer in answers for statement in answer.statements]
    return asked


def read(query, engine):
    """A select as the engine's own grammar reads it; None for one that needs a median which the engine does not have."""
    dialect = DIALECTS[engine]()
    dialect.is_mariadb, dialect._support_float_cast = False, True  # as of MySQL 8
    dialect.colspecs = {**dialect.colspecs, **engines._types(dialect)}
    written = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    if engine in NO_MEDIAN and NO_MEDIAN[engine] in written:
        return None
    (parsed,) = sqlglot.parse(written, read=engine)
    return parsed


def is_coarse(kind, engine):
    """Whether numbers of this type lose their decimals: 24 bits, or no digit after the point."""
    is_decimal = kind.this is exp.DataType.Type.DECIMAL and not kind.expressions
    return engine in ("trino", "snowflake", "bigquery") and (is_decimal or kind.sql(engine) == "REAL")


@pytest.mark.parametrize("name", all_metrics())
@pytest.mark.parametrize("engine", DIALECTS)
def test_a_statement_is_grammar_to_the_engine(queries, engine, name):
    assert queries[name] or all_metrics()[name].is_composite
    for query in queries[name]:
        if (parsed := read(query, engine)) is None:
            continue
        assert isinstance(parsed, exp.Query)
        assert not list(parsed.find_all(exp.Command))
        called = {call.name.lower() for call in parsed.find_all(exp.Anonymous)}
        assert not [kind for kind in parsed.find_all(exp.DataType) if is_coarse(kind, engine)]
        assert called <= KNOWN.get(engine, set())


def test_trino_s_driver_changes_no_other_engine():
    trino()
    assert {type(getattr(func, name)(1)) for name in ("lag", "lead", "first_value", "last_value")} == {Function}
