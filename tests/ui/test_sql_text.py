"""SQL as it is shown: laid out in lines, and still the statement that was run, on every engine."""

from __future__ import annotations

import pytest

from data_access.source import open_source
from tests.company import company
from tests.worlds import ask_source, pasted
from ui.sql_text import laid_out


def words(sql: str) -> str:
    return "".join(sql.split())


@pytest.mark.parametrize("metric", ["churn_rate", "funnel", "nps", "retention"])
def test_what_is_shown_gives_the_figure_on_every_engine(engine, shelf, metric):
    source = open_source(shelf(engine, "company", company))
    statements = ask_source(source, metric, "2025", by="region" if metric == "nps" else "").sql
    assert statements
    for sql in statements:
        shown = laid_out(sql, source.base.url.get_backend_name())
        assert words(shown) == words(sql)
        assert len(shown.splitlines()) > 5
        rows, as_run = (sorted(map(repr, pasted(source, text))) for text in (shown, sql))
        assert rows == as_run


def test_clauses_columns_and_conditions_stand_on_lines_of_their_own():
    sql = (
        "WITH a AS (SELECT x, (y + 1) AS z FROM t LEFT OUTER JOIN u ON u.i = t.i WHERE x > 1 AND (y IS NULL OR z = 2)), "
        "b AS (SELECT 1) SELECT count(*) AS n, lag(x) OVER (PARTITION BY y ORDER BY z) FROM a, b GROUP BY x ORDER BY n"
    )
    assert laid_out(sql, "postgresql").splitlines() == [
        "WITH a AS (",
        "  SELECT",
        "    x,",
        "    (y + 1) AS z",
        "  FROM t",
        "  LEFT OUTER JOIN u ON u.i = t.i",
        "  WHERE x > 1",
        "    AND (y IS NULL OR z = 2)",
        "),",
        "b AS (",
        "  SELECT",
        "    1",
        ")",
        "SELECT",
        "  count(*) AS n,",
        "  lag(x) OVER (PARTITION BY y ORDER BY z)",
        "FROM a,",
        "  b",
        "GROUP BY x",
        "ORDER BY n",
    ]


@pytest.mark.parametrize(
    ("engine_name", "sql"),
    [
        ("postgresql", "SELECT a ~ '^x', to_char(b, 'YYYY  MM'), percentile_cont(0.5) WITHIN GROUP (ORDER BY c)"),
        ("mysql", "SELECT `a b`, CAST(c AS SIGNED), 'it''s\n  two' FROM `t`"),
        ("clickhouse", "SELECT toDateTime64('2026-01-01 00:00:00', 6, 'UTC'), `x` FROM t"),
        ("sqlite", "SELECT \"a\", json_extract(b, '$[0]') FROM t"),
        ("spark", "SELECT `a`, LEFT(b, 3), get(c, CAST(1 AS INT)) FROM t"),
    ],
)
def test_nothing_but_blanks_is_changed(engine_name, sql):
    shown = laid_out(sql, engine_name)
    assert words(shown) == words(sql)
    assert "'it''s\n  two'" in shown or "two" not in sql
    assert "YYYY  MM" in shown or "YYYY" not in sql


@pytest.mark.parametrize("sql", ["SELECT 'open", "SELECT 1 -- why\nFROM t", ""])
def test_what_cannot_be_taken_apart_is_shown_as_it_is(sql):
    assert laid_out(sql, "duckdb") == sql


def test_an_engine_that_is_not_known_is_no_fault():
    assert words(laid_out("SELECT 1 AS a", "some new engine")) == "SELECT1ASa"
