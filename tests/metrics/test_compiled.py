"""Every metric's SQL is grammar to engines of the same families that no test can run.

    Databricks   our Spark dialect
    Redshift     PostgreSQL's dialect
    StarRocks    MySQL's dialect

This shows that they can read the statements, not that they answer them alike (docs/engines.md).
"""

from __future__ import annotations

import pytest
import sqlglot
from sqlalchemy.dialects import mysql, postgresql
from sqlglot import exp

from data_access import engines
from data_access.source import open_source
from metrics.metric import all_metrics
from tests.company import company
from tests.worlds import ask_source

FILTERS = {"region": ("North", "(none)"), "channel": "web", "category": ("Bikes", "(none)"), "team": "red"}
DIALECTS = {
    "databricks": lambda: pytest.importorskip("data_access.spark").SparkDialect(),
    "redshift": postgresql.dialect,
    "starrocks": mysql.dialect,
}


@pytest.fixture(scope="module")
def queries(shelf):
    """Every select that the metrics ask of the larger company, by metric."""
    source = open_source(shelf("duckdb", "company", company))
    asked = {}
    for name in all_metrics():
        answers = [ask_source(source, name, "2025-10"), ask_source(source, name, "2025-11", where=FILTERS)]
        asked[name] = [statement.query for answer in answers for statement in answer.statements]
    return asked


@pytest.mark.parametrize("name", all_metrics())
@pytest.mark.parametrize("engine", DIALECTS)
def test_a_statement_is_grammar_to_the_engine(queries, engine, name):
    dialect = DIALECTS[engine]()
    dialect.is_mariadb, dialect._support_float_cast = False, True  # as of MySQL 8
    dialect.colspecs = {**dialect.colspecs, **engines._types(dialect)}
    assert queries[name] or all_metrics()[name].is_composite
    for query in queries[name]:
        written = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("%%", "%")
        (parsed,) = sqlglot.parse(written, read=engine)
        assert isinstance(parsed, exp.Query)
        assert not list(parsed.find_all(exp.Command))
