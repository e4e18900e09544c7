"""data_access/slim.py: the SQL that is run names only what is read, and gives the same rows."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import String, cast, func, null, select, union_all
from sqlalchemy.dialects import sqlite

from data_access import slim
from data_access.access import Policy
from data_access.schema import TABLES
from data_access.source import open_source
from metrics.metric import all_metrics
from tests.company import company
from tests.worlds import ask_source

USERS, TEAMS = TABLES["users"], TABLES["teams"]


def written(query):
    """A statement in one line."""
    return re.sub(r"\s+", " ", str(query.compile(dialect=sqlite.dialect())))


def wide(*conditions):
    """A subquery of all users with all their columns."""
    return select(USERS).where(*conditions).subquery("seen")


def test_a_column_that_nobody_reads_is_not_named():
    seen = wide(USERS.c.is_active.is_(True))
    assert written(select(seen.c.name)) == (
        "SELECT seen.name FROM (SELECT users.name AS name FROM users WHERE users.is_active IS 1) AS seen"
    )


def test_a_column_that_only_a_condition_reads_is_named():
    seen = wide()
    assert written(select(seen.c.name).where(seen.c.team_id == "x").order_by(seen.c.email)) == (
        "SELECT seen.name FROM (SELECT users.name AS name, users.email AS email, users.team_id AS team_id FROM users)"
        " AS seen WHERE seen.team_id = ? ORDER BY seen.email"
    )


def test_what_is_not_read_is_left_out_at_every_depth():
    query = select(USERS).subquery("a")
    for name in "bcdefghij":
        query = select(query).subquery(name)
    assert written(select(query.c.name)).count("team_id") == 0
    assert written(select(query.c.name)).count("AS name") == 10


def test_a_condition_on_a_bare_flag_keeps_its_column():
    seen = wide()
    inner = select(seen).where(seen.c.is_active).subquery("inner")
    assert "users.is_active AS is_active" in written(select(inner.c.name))


def test_a_join_keeps_the_columns_that_it_joins_on():
    seen, teams = wide(), select(TEAMS).subquery("groups")
    joined = seen.outerjoin(teams, teams.c.team_id == seen.c.team_id)
    for query in (
        select(seen.c.name).select_from(joined),
        select(seen.c.name).join_from(seen, teams, teams.c.team_id == seen.c.team_id),
        select(seen.c.name).select_from(seen).join(teams, teams.c.team_id == seen.c.team_id),
    ):
        text = written(query)
        assert "users.team_id AS team_id" in text
        assert "(SELECT teams.team_id AS team_id FROM teams) AS groups" in text


def test_a_table_of_which_only_rows_are_counted_names_no_column_at_any_depth():
    text = written(select(func.count()).select_from(wide()))
    assert text == "SELECT count(*) AS count_1 FROM (SELECT 1 AS one FROM users) AS seen"
    seen = wide()
    deeper = select(select(seen).where(seen.c.team_id == "x").subquery("middle")).subquery("deeper")
    assert written(select(func.count()).select_from(deeper)) == (
        "SELECT count(*) AS count_1 FROM (SELECT 1 AS one FROM (SELECT 1 AS one FROM"
        " (SELECT users.team_id AS team_id FROM users) AS seen WHERE seen.team_id = ?) AS middle) AS deeper"
    )


@pytest.mark.parametrize(
    "shape",
    [
        lambda query: query.distinct(),
        lambda query: query.order_by(USERS.c.team_id).limit(3),
        lambda query: query.group_by(*USERS.c),
    ],
)
def test_what_shapes_the_rows_is_left_whole(shape):
    seen = shape(select(USERS)).subquery("seen")
    assert written(select(seen.c.name)).count(" AS ") == len(USERS.c) + 1


def test_a_union_is_left_whole():
    seen = union_all(select(USERS), select(USERS)).subquery("seen")
    assert written(select(seen.c.name)).count("users.team_id") == 2


def test_one_subquery_in_two_places_keeps_what_either_reads():
    seen = wide(USERS.c.name == "x")
    groups = select(TEAMS).where(TEAMS.c.team_id.in_(select(seen.c.team_id))).subquery("groups")
    text = written(select(seen.c.email, groups.c.name).join_from(seen, groups, groups.c.team_id == seen.c.team_id))
    assert text.count("(SELECT users.email AS email, users.team_id AS team_id FROM users WHERE users.name = ?)") == 2


def test_another_name_of_a_subquery_reads_from_the_same():
    seen = wide()
    boss = seen.alias("boss")
    text = written(select(seen.c.name, boss.c.email).join_from(seen, boss, boss.c.user_id == seen.c.manager_id))
    assert "users.email AS email" in text
    assert "users.phone" not in text
    assert text.count("users.manager_id AS manager_id") == 2


def test_a_column_of_the_outer_statement_is_kept_for_an_inner_one():
    seen = wide()
    inner = select(func.count()).where(TEAMS.c.team_id == seen.c.team_id).scalar_subquery()
    assert "users.team_id AS team_id" in written(select(seen.c.name, inner))


def test_a_window_keeps_what_it_orders_by_and_goes_when_nobody_reads_it():
    seen = wide()
    turn = func.row_number().over(partition_by=seen.c.team_id, order_by=seen.c.email).label("turn")
    ranked = select(seen.c.name, turn).subquery("ranked")
    assert "row_number" not in written(select(ranked.c.name))
    text = written(select(ranked.c.name).where(ranked.c.turn == 1))
    assert "users.team_id AS team_id" in text
    assert "users.email AS email" in text


def test_a_computed_column_that_is_not_read_takes_its_parts_with_it():
    seen = wide()
    named = select(seen.c.name, (seen.c.email + seen.c.team_id).label("both"), cast(null(), String).label("none"))
    assert "email" not in written(select(named.subquery("named").c.name))


def test_the_statement_itself_is_not_changed():
    seen = wide()
    query = select(seen.c.name)
    before = [column.name for column in seen.element.selected_columns]
    written(query)
    assert [column.name for column in seen.element.selected_columns] == before
    assert "users.email AS email" in written(select(seen.c.email))


def test_parts_that_stand_in_many_places_are_looked_at_once():
    """Every level stands in the next one twice: looked at each time, the last would take 2**40 looks."""
    query = wide()
    for step in range(40):
        query = select(query).where(query.c.team_id.in_(select(query.c.team_id))).subquery(f"s{step}")
    assert len(slim.ColumnsRead(select(query.c.name))._met) < 40 * 30


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_every_metric_gives_the_same_rows_without_this(engine, shelf, monkeypatch):
    policy = Policy("both", regions=("North", "South"), owners=("olga", "omar"))
    source = open_source(shelf(engine, "company", company), policy)
    queries = []
    fetch = type(source.base).fetch
    monkeypatch.setattr(
        type(source.base), "fetch", lambda base, q, scope="": (queries.append(q), fetch(base, q, scope))[1]
    )
    for name in all_metrics():
        ask_source(source, name, "2025-10", where={"category": ("Bikes", "(none)"), "team": "red"})
    short = [source.base.sql(query) for query in queries]
    found = [rows_of(source.base, query) for query in queries]
    monkeypatch.setattr(slim.ColumnsRead, "slimmed", lambda read, query: query)
    assert sum(map(len, short)) < 0.7 * sum(len(source.base.sql(query)) for query in queries)
    for query, rows in zip(queries, found, strict=True):
        assert rows_of(source.base, query) == rows


def rows_of(base, query):
    """The rows of a statement, compiled anew, in any order, their sums without the last digits."""
    with base.reading() as (engine, _), engine.connect() as connection:
        rows = connection.execute(query, execution_options={"compiled_cache": None}).fetchall()
    return sorted(repr([round(value, 6) if isinstance(value, float) else value for value in row]) for row in rows)


# -- joins that serve a column that nobody reads --------------------------------------------------------------------
def with_bosses():
    """Users with their manager's name, from a subquery with at most one row for each."""
    boss = slim.AtMostOne._construct(select(USERS.c.user_id, USERS.c.name), name="boss")
    joined = USERS.outerjoin(boss, boss.c.user_id == USERS.c.manager_id)
    return select(*USERS.c, boss.c.name.label("boss_name")).select_from(joined).where(USERS.c.is_active)


def test_a_join_of_which_nothing_is_read_goes():
    users = with_bosses().subquery("people")
    assert "JOIN" not in written(select(users.c.name))
    assert "JOIN" in written(select(users.c.boss_name))


def test_a_join_that_only_a_condition_reads_stays():
    users = with_bosses()
    read = users.where(users.selected_columns.boss_name == "x").subquery("people")
    assert "JOIN" in written(select(read.c.name))


def test_a_join_inside_one_that_stays_goes():
    users = with_bosses()
    (joined,) = users.get_final_froms()
    team = slim.AtMostOne._construct(select(TEAMS.c.team_id, TEAMS.c.name), name="team")
    both = users.select_from(joined.outerjoin(team, team.c.team_id == USERS.c.team_id)).add_columns(
        team.c.name.label("team_name")
    )
    people = both.subquery("people")
    assert "boss" not in written(select(people.c.team_name))
    assert "team" not in written(select(people.c.boss_name))
    assert written(select(people.c.boss_name, people.c.team_name)).count("LEFT OUTER JOIN") == 2


def test_a_join_beside_one_that_goes_stays():
    teams = select(TEAMS).subquery("groups")
    users = with_bosses().join(teams, teams.c.team_id == USERS.c.team_id).subquery("people")
    text = written(select(users.c.name))
    assert "boss" not in text
    assert "FROM teams) AS groups ON groups.team_id = users.team_id" in text
