"""What an account may not read is told beside the figures that need it, with the GRANT that would do; the rest works."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from data_access.connect.survey import survey
from data_access.doctor import as_text, examine
from data_access.errors import ForbiddenError, SourceError
from data_access.place import find_place
from data_access.schema import TABLES
from data_access.source import open_source
from i18n.words import load_words
from metrics import answers
from metrics.answers import Answer
from metrics.notes import sentence
from tests import servers
from tests.mappings.native import fill, settings_file, tables_of
from tests.servers import DEFAULTS
from tests.worlds import World, ask_source, dropping, forget
from tests.worlds import fill as fill_world

SERVERS = [pytest.param(name, marks=pytest.mark.engines) for name in DEFAULTS]
NUMBERS = itertools.count(1)
WORD = "s3cret-horse"
COMPANY = World(
    customers=[{"customer_id": "ann", "region": "North", "email": "ann@example.com"}],
    orders=[{"customer_id": "ann", "ordered_at": "2026-01-05", "net": 120, "channel": "web"}],
    opportunities=[{"outcome": "won", "created_at": "2026-01-02", "closed_at": "2026-01-09"}],
)


@dataclass
class Shut:
    """A database on a server and an account of its own that may read only what a test lets it."""

    home: str
    user: str
    engine: Engine

    def run(self, *statements: str) -> None:
        with self.engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @property
    def url(self) -> str:
        """How the account reads it."""
        url = make_url(self.home).set(username=self.user, password=WORD).update_query_dict({})
        return url.render_as_string(hide_password=False)

    def let(self, *tables: str, column: str = "") -> None:
        """Let the account read these tables, or columns (`a, b`) of one."""
        self.run(*(f"GRANT SELECT {f'({column})' if column else ''} ON {name} TO {self.user}" for name in tables))

    def let_all_but(self, *tables: str) -> None:
        self.let(*(name for name in TABLES if name not in tables))

    def show(self, table: str) -> None:
        """Let the account know that a table is there, without reading it; PostgreSQL always does."""
        if not self.is_postgresql:
            self.run(f"GRANT SHOW VIEW ON {table} TO {self.user}")


@pytest.fixture(params=SERVERS)
def shut(request: pytest.FixtureRequest) -> Iterator[Shut]:
    """A new database without tables, and an account that may read nothing of it yet."""
    server = servers.server(request.param)
    if isinstance(server, str):
        pytest.skip(server)
    home = server.bare()
    engine = create_engine(home, isolation_level="AUTOCOMMIT")
    made = Shut(home, f"half_{next(NUMBERS)}", engine)
    if made.is_postgresql:  # what the reader of other tests may read does not matter here
        made.run(f"CREATE ROLE {made.user} LOGIN PASSWORD '{WORD}'")
    else:
        made.run(f"CREATE USER {made.user} IDENTIFIED BY '{WORD}'")
    yield made
    forget(made.url)
    answers.forget()
    engine.dispose()
    servers.take_away(home)
    with server.admin.connect() as connection:
        connection.execute(text(f"DROP {'ROLE' if made.is_postgresql else 'USER'} {made.user}"))


@pytest.fixture
def company(shut: Shut) -> Shut:
    """A database whose tables are the canonical ones."""
    servers.tables_for("postgresql" if shut.is_postgresql else "mariadb").create_all(shut.engine)
    fill_world(shut.engine, COMPANY)
    return shut


def ask(shut: Shut, metric: str, **choices: object) -> Answer:
    return ask_source(open_source(shut.url), metric, "2026-01", **choices)


def notes(answer: Answer) -> str:
    """What is said beside an answer, in both languages."""
    return " ".join(sentence(one, load_words(code), "UTC") for one in answer.notes for code in ("en", "zh-CN"))


def granted(fault: object) -> str:
    """The statement of a fault, which is in every sentence of it, and no password."""
    assert isinstance(fault, SourceError | ForbiddenError)
    grant = str(fault.gaps["grant"])
    for said in (str(fault), *(load_words(code)(f"error.{fault.key}", **fault.gaps) for code in ("en", "zh-CN"))):
        assert grant in said
        assert WORD not in said
    return grant


def again(shut: Shut) -> None:
    """The account is let in anew."""
    forget(shut.url)
    answers.forget()


def test_only_what_needs_a_forbidden_table_says_so_with_the_grant_that_would_do(company):
    company.let_all_but("opportunities")
    company.show("opportunities")
    assert ask(company, "revenue").result.value == 120
    missing = ask(company, "win_rate").missing
    assert isinstance(missing, ForbiddenError)
    assert missing.key == "source_permission"
    problems = [problem for problem in examine(company.url).problems if problem.rule == "forbidden"]
    assert [problem.table for problem in problems] == ["opportunities"]
    assert granted(missing) in problems[0].text
    company.run(granted(missing))
    again(company)
    assert ask(company, "win_rate").result.value == 1
    assert [problem for problem in examine(company.url).problems if problem.rule == "forbidden"] == []


def test_a_table_that_a_server_does_not_show_is_perhaps_forbidden(company):
    if company.is_postgresql:
        return
    company.let_all_but("opportunities")
    assert ask(company, "revenue").result.value == 120
    missing = ask(company, "win_rate").missing
    assert missing.key == "source_not_shown"
    report = examine(company.url)
    assert "opportunities" in report.missing_tables
    assert granted(missing) in as_text(report)
    company.run(granted(missing))
    again(company)
    assert ask(company, "win_rate").result.value == 1


def test_a_forbidden_column_that_every_row_needs_is_named_in_the_grant(company):
    company.let_all_but("orders")
    columns = [column.name for column in TABLES["orders"].columns if column.name != "net"]
    company.let("orders", column=", ".join(columns))
    missing = ask(company, "revenue").missing
    assert isinstance(missing, ForbiddenError)
    assert "net" in granted(missing)
    assert ask(company, "win_rate").result.value == 1
    company.run(granted(missing))
    again(company)
    assert ask(company, "revenue").result.value == 120


def test_a_forbidden_column_that_may_be_empty_counts_as_empty_and_that_is_said(company):
    company.let_all_but("customers", "orders")
    company.let("customers", column=", ".join(c.name for c in TABLES["customers"].columns if c.name != "region"))
    company.let("orders", column=", ".join(c.name for c in TABLES["orders"].columns if c.name != "channel"))
    answer = ask(company, "revenue")
    assert answer.result.value == 120
    assert "orders.channel" in notes(answer)
    assert "customers.region" in notes(ask(company, "revenue", by="region"))
    missing = ask(company, "revenue", where={"region": ("North",)}).missing
    assert isinstance(missing, ForbiddenError)
    assert "region" in granted(missing)
    problems = {(p.table, p.column) for p in examine(company.url).problems if p.rule == "forbidden"}
    assert problems == {("customers", "region"), ("orders", "channel")}


def test_figures_that_go_without_customers_say_so(company):
    company.let_all_but("customers")
    company.show("customers")
    answer = ask(company, "revenue")
    assert answer.result.value == 120
    assert "GRANT SELECT ON" in notes(answer)
    assert notes(ask(company, "nps")) == "" or "customers" in notes(ask(company, "nps"))


def test_settings_that_may_not_be_read_leave_no_figure_right(company):
    company.let_all_but("settings")
    company.show("settings")
    with pytest.raises(SourceError) as fault:
        open_source(company.url)
    company.run(granted(fault.value))
    assert ask(company, "revenue").result.value == 120


def test_a_right_that_is_taken_away_while_pages_are_open_is_told_in_the_panel(company):
    company.let_all_but("none")
    assert ask(company, "revenue").result.value == 120
    company.run(f"REVOKE SELECT ON orders FROM {company.user}")
    source = open_source(company.url)
    source.base.forget()
    answers.forget()
    with pytest.raises(SourceError) as fault:
        ask_source(source, "revenue", "2026-01")
    assert "orders" in granted(fault.value)
    assert ask(company, "win_rate").result.value == 1
    assert isinstance(ask(company, "revenue").missing, ForbiddenError)


def test_a_view_is_read_by_an_account_that_may_not_see_how_it_is_made(company):
    company.run("ALTER TABLE orders RENAME TO orders_of_old", "CREATE VIEW orders AS SELECT * FROM orders_of_old")
    company.let_all_but("none")
    assert ask(company, "revenue").result.value == 120
    assert "orders" in {table.name for table in examine(company.url).tables}
    assert survey(find_place(company.url)).is_canonical


def test_a_view_over_what_is_gone_stops_only_what_needs_it(company):
    if company.is_postgresql:  # it does not let a view go wrong
        return
    company.run(
        "ALTER TABLE orders RENAME TO orders_of_old",
        "CREATE VIEW orders AS SELECT * FROM orders_of_old",
        "ALTER TABLE orders_of_old DROP COLUMN ordered_at",
    )
    company.let_all_but("none")
    assert ask(company, "win_rate").result.value == 1
    assert ask(company, "revenue").missing.key == "source_changed"


@pytest.mark.parametrize("lost", ["orders.ordered_at", "orders", "customers", "customers.customer_id"])
def test_a_dropped_table_or_column_stops_only_what_needs_it(company, lost):
    for statement in dropping(World(without=(lost,))):
        company.run(statement)
    company.let(*(name for name in TABLES if name != lost))
    assert ask(company, "win_rate").result.value == 1
    assert (ask(company, "revenue").missing is not None) == lost.startswith("orders")


def test_a_moment_that_became_a_text_stops_only_what_needs_it(company):
    kind = "ALTER COLUMN ordered_at TYPE text" if company.is_postgresql else "MODIFY ordered_at VARCHAR(40)"
    company.run(f"ALTER TABLE orders {kind}", "UPDATE orders SET ordered_at = 'soon'")
    company.let_all_but("none")
    assert ask(company, "win_rate").result.value == 1


def test_a_schema_that_may_not_be_used_is_named(company):
    if not company.is_postgresql:  # there a schema is a database
        return
    company.let_all_but("none")
    company.run("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(SourceError) as fault:
        open_source(company.url)
    assert "SCHEMA" in granted(fault.value)
    company.run(granted(fault.value))
    assert ask(company, "revenue").result.value == 120


# -- through a mapping ----------------------------------------------------------------------------------------------
SHOP = """
sale: id whole, customer whole, state text, at moment, sum decimal
buyer: id whole, name text, area text
extra: id whole, note text
"""
FILES = {
    "orders.sql": "SELECT text(s.id) AS order_id, text(s.customer) AS customer_id, mapped(s.state, 'state') AS status, "
    "s.state AS status_raw, s.at AS ordered_at, s.sum AS net FROM sale AS s LEFT JOIN extra AS e ON e.id = s.id",
    "customers.sql": "SELECT text(id) AS customer_id, name AS name, area AS region, "
    "(SELECT MIN(s.at) FROM sale AS s) AS first_seen_at FROM buyer",
    "mapping.toml": """id = "shop"
[settings]
base_currency = "EUR"
[value_maps.state]
paid = "confirmed"
[reads.extra]
empty_when_missing = true
[reads.extra.optional_columns]
id = "whole"
note = "text"
[tables.orders]
sql = "orders.sql"
[tables.customers]
sql = "customers.sql"
""",
}


@pytest.fixture
def shop(shut: Shut, tmp_path: Path) -> tuple[Shut, str]:
    """A CRM's own database, and the settings file that names its mapping."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content)
    sale = {"customer": 1, "state": "paid", "at": "2026-01-05 10:00", "sum": 120}
    rows = {"sale": [{"id": 1, **sale}], "buyer": [{"id": 1, "name": "Ann", "area": "North"}], "extra": [{"id": 1}]}
    fill(shut.home, tables_of(SHOP), rows)
    file = settings_file(tmp_path, shut.url, str(folder), "")
    return shut, str(file)


@pytest.fixture
def asks(shop: tuple[Shut, str]) -> Iterator[Callable[..., Answer]]:
    """asks(metric, ...): the answer as it is now."""
    _, file = shop

    def put(metric: str, **choices: object) -> Answer:
        forget(file)
        answers.forget()
        return ask_source(open_source(file), metric, "2026-01", **choices)

    yield put
    forget(file)


def test_a_forbidden_table_of_the_crm_takes_only_what_is_made_of_it(shop, asks):
    shut, file = shop
    shut.let("sale", "extra")
    shut.show("buyer")
    assert asks("revenue").result.value == 120
    missing = asks("revenue", by="region").missing
    assert isinstance(missing, ForbiddenError)
    forbidden = [problem for problem in examine(file).problems if problem.rule == "forbidden"]
    assert [problem.table for problem in forbidden] == ["customers"]
    assert granted(missing) in forbidden[0].text
    assert not [problem for problem in examine(file).problems if problem.rule == "not_mapped"]
    assert granted(missing) in str(survey(find_place(file)).lacking["customers"])
    shut.run(granted(missing))
    assert asks("revenue", by="region").missing is None


def test_a_forbidden_column_of_the_crm_is_named_in_the_grant(shop, asks):
    shut, _ = shop
    shut.let("sale", "extra")
    shut.let("buyer", column="id, name")
    missing = asks("revenue", by="region").missing
    assert "area" in granted(missing)
    shut.run(granted(missing))
    assert asks("revenue", by="region").missing is None


def test_a_module_that_may_not_be_read_does_not_pass_for_one_that_is_not_installed(shop, asks):
    shut, _ = shop
    shut.let("sale", "buyer")
    shut.show("extra")
    missing = asks("revenue").missing
    assert "extra" in granted(missing)
    shut.run(granted(missing))
    assert asks("revenue").result.value == 120


def test_a_module_that_is_not_shown_passes_for_none_and_that_is_said(shop, asks):
    shut, _ = shop
    if shut.is_postgresql:
        return
    shut.let("sale", "buyer")
    answer = asks("revenue")
    assert answer.result.value == 120
    assert "extra" in notes(answer)
    shut.let("extra")
    assert "extra" not in notes(asks("revenue"))


def test_a_mapping_of_which_nothing_may_be_read_says_the_grant(shop):
    shut, file = shop
    for table in ("sale", "buyer", "extra"):
        shut.show(table)
    with pytest.raises(SourceError) as fault:
        open_source(file)
    assert json.dumps(granted(fault.value))


BRANCH = """id = "branch"
[tables.settings]
from = "firm"
columns = { base_currency = "money" }
[tables.orders]
from = "sale"
columns = { order_id = "text(id)", customer_id = "text(customer)", status = "'confirmed'", ordered_at = "at", net = "sum" }
"""


def test_a_second_system_whose_currency_may_not_be_read_is_not_taken_to_keep_the_companys(shop, tmp_path):
    shut, _ = shop
    (tmp_path / "branch").mkdir()
    (tmp_path / "branch" / "mapping.toml").write_text(BRANCH)
    shut.run("CREATE TABLE firm (money VARCHAR(3))", "INSERT INTO firm VALUES ('USD')")
    shut.let("sale", "buyer", "extra")
    shut.show("firm")
    both = [str(tmp_path / "shop"), str(tmp_path / "branch")]
    file = str(settings_file(tmp_path, shut.url, both, '[settings]\ntimezone = "UTC"'))
    with pytest.raises(SourceError) as fault:
        open_source(file)
    assert "firm" in granted(fault.value)
    shut.run(granted(fault.value))
    forget(file)
    with pytest.raises(SourceError, match="keeps its books in USD"):
        open_source(file)
