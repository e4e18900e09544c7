"""An account that can write is refused unless it is allowed by name; one that only reads is proven to, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from data_access import account
from data_access.__main__ import main
from data_access.account import can_write, reader_statements, writing_grant
from data_access.errors import SourceError
from data_access.source import open_source
from i18n.words import load_words
from tests import servers
from tests.servers import DEFAULTS
from tests.worlds import World, forget

pytestmark = pytest.mark.engines
SERVERS = pytest.mark.parametrize("name", DEFAULTS)
WORLD = World(orders=[{"net": 1}])
MAKE = {
    "postgresql": (
        "CREATE ROLE somebody LOGIN PASSWORD 'hunter2 horse'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO somebody",
    ),
    "mariadb": ("CREATE USER somebody IDENTIFIED BY 'hunter2 horse'", "GRANT SELECT ON `{database}`.* TO somebody"),
}
UNMAKE = {
    "postgresql": ("DROP OWNED BY somebody", "DROP ROLE somebody"),
    "mariadb": ("DROP USER somebody",),
}
WRITING = {
    "postgresql": {
        "superuser": "ALTER ROLE somebody SUPERUSER",
        "insert": "GRANT INSERT ON orders TO somebody",
        "one column": "GRANT UPDATE (net) ON orders TO somebody",
        "truncate": "GRANT TRUNCATE ON orders TO somebody",
        "a role": "GRANT pg_write_all_data TO somebody",
        "tables of its own": "GRANT CREATE ON SCHEMA public TO somebody",
        "owner": "ALTER TABLE orders OWNER TO somebody",
    },
    "mariadb": {
        "everything": "GRANT ALL PRIVILEGES ON *.* TO somebody",
        "insert": "GRANT INSERT ON `{database}`.orders TO somebody",
        "one column": "GRANT UPDATE (net) ON `{database}`.orders TO somebody",
        "tables of its own": "GRANT CREATE ON `{database}`.* TO somebody",
        "a role": "GRANT writers TO somebody",
        "a role by default": "SET DEFAULT ROLE writers FOR somebody",
    },
}
CASES = [(name, what) for name, cases in WRITING.items() for what in cases]


@contextmanager
def somebody(name: str, url: str, *more: str) -> Iterator[str]:
    """URL of an account that may read the database, with more rights."""
    home = make_url(servers.writer(url))
    engine = create_engine(home, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (*MAKE[name], *more):
            connection.execute(text(statement.format(database=home.database)))
        try:
            yield home.set(username="somebody", password="hunter2 horse").render_as_string(hide_password=False)
        finally:
            if name == "postgresql":
                connection.execute(text(f"ALTER TABLE orders OWNER TO {home.username}"))
            for statement in UNMAKE[name]:
                connection.execute(text(statement))
            if any("writers" in one for one in more):
                connection.execute(text("DROP ROLE writers"))
    engine.dispose()


def more_for(name: str, what: str) -> list[str]:
    """The statements that give an account a right to write."""
    wanted = WRITING[name][what]
    if "writers" not in wanted:
        return [wanted]
    role = ["CREATE ROLE writers", "GRANT DELETE ON `{database}`.* TO writers", "GRANT writers TO somebody"]
    return [*role, wanted] if wanted not in role else role


@SERVERS
def test_an_account_that_only_reads_is_taken(name, load_on):
    source = load_on(name, WORLD)
    with somebody(name, source.base.url.render_as_string(hide_password=False)) as url:
        assert open_source(url).base.facts.columns["orders"]
        forget(url)


@pytest.mark.parametrize(("name", "what"), CASES)
def test_an_account_that_can_write_is_refused_with_the_statements_for_one_that_cannot(name, what, load_on):
    source = load_on(name, WORLD)
    written = source.base.url.render_as_string(hide_password=False)
    with somebody(name, written, *more_for(name, what)) as url:
        with pytest.raises(SourceError) as fault:
            open_source(url)
        forget(url)
    said = str(fault.value)
    assert fault.value.key == "source_account_writes"
    assert "`somebody`" in said
    assert "GRANT SELECT ON" in said
    assert f"{account.ALLOWED}=somebody" in said
    for shown in (
        said,
        *(load_words(code)(f"error.{fault.value.key}", **fault.value.gaps) for code in ("en", "zh-CN")),
    ):
        assert "hunter2" not in shown
        assert "\n" not in shown


@SERVERS
def test_it_is_taken_when_it_is_allowed_by_name(name, load_on, monkeypatch, tmp_path):
    source = load_on(name, WORLD)
    url = servers.writer(source.base.url.render_as_string(hide_password=False))
    user = make_url(url).username
    with pytest.raises(SourceError, match="could change"):
        open_source(url)
    monkeypatch.setenv(account.ALLOWED, f"another, {user}")
    assert open_source(url).base.facts.columns["orders"]
    forget(url)
    monkeypatch.delenv(account.ALLOWED)
    settings = tmp_path / "clientele.toml"
    settings.write_text(f"source = '{url}'\nallow_writing_account = '{user}'\n")
    assert open_source(str(settings)).base.facts.columns["orders"]
    forget(str(settings))


@pytest.mark.parametrize("command", ["check", "connect", "extract"])
@SERVERS
def test_no_command_takes_one_that_can_write(name, command, load_on, tmp_path, monkeypatch, capsys):
    source = load_on(name, WORLD)
    written = source.base.url.render_as_string(hide_password=False)
    monkeypatch.chdir(tmp_path)
    with somebody(name, written, WRITING[name]["insert"]) as url:
        into = {"check": [], "connect": [], "extract": ["--into", "copy.duckdb"]}[command]
        assert main([command, url, *into]) == 1
    said = capsys.readouterr().err
    assert "could change the company's data" in said
    assert "hunter2" not in said
    assert list(tmp_path.iterdir()) == []


@SERVERS
def test_it_is_taken_without_a_restart_once_its_right_is_revoked(name, load_on):
    source = load_on(name, WORLD)
    home = make_url(servers.writer(source.base.url.render_as_string(hide_password=False)))
    with somebody(name, source.base.url.render_as_string(hide_password=False), more_for(name, "insert")[0]) as url:
        with pytest.raises(SourceError):
            open_source(url)
        engine = create_engine(home)
        with engine.begin() as connection:
            table = "orders" if name == "postgresql" else f"`{home.database}`.orders"
            connection.execute(text(f"REVOKE INSERT ON {table} FROM somebody"))
        engine.dispose()
        assert open_source(url).base.facts.columns["orders"]
        forget(url)


@SERVERS
def test_the_statements_that_are_advised_make_an_account_that_is_taken(name, load_on):
    source = load_on(name, WORLD)
    home = make_url(servers.writer(source.base.url.render_as_string(hide_password=False)))
    engine = create_engine(home, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in reader_statements(home):
            connection.execute(text(statement.replace("'...'", "'of my own'")))
        url = home.set(username=account.READER, password="of my own").render_as_string(hide_password=False)
        assert open_source(url).base.facts.columns["orders"]
        forget(url)
        for statement in UNMAKE[name]:
            connection.execute(text(statement.replace("somebody", account.READER)))
    engine.dispose()


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*X'"], ""),
        (["GRANT SELECT, SHOW VIEW ON `crm`.* TO `a`@`%`"], ""),
        (["GRANT SELECT (`a`, `b`) ON `crm`.`orders` TO `a`@`%`"], ""),
        (["GRANT PROCESS, REPLICATION CLIENT ON *.* TO `a`@`%`"], ""),
        (["GRANT `reader`@`%` TO `a`@`%`"], ""),
        (["GRANT SELECT, INSERT ON `crm`.* TO `a`@`%`"], "INSERT ON crm.*"),
        (["GRANT SELECT (`a`), UPDATE (`b`, `c`) ON `crm`.`orders` TO `a`@`%`"], "UPDATE ON crm.orders"),
        (["GRANT USAGE ON *.* TO `a`", "GRANT ALL PRIVILEGES ON `crm`.* TO `a`@`%`"], "ALL PRIVILEGES ON crm.*"),
        (["GRANT FILE ON *.* TO `a`@`%`"], "FILE ON *.*"),
    ],
)
def test_a_grant_that_writes_is_found_among_the_others(lines, found):
    assert writing_grant(lines) == found


def test_the_refusal_names_no_password():
    url = make_url("postgresql+psycopg://ann:correct-horse@host/crm?password=other-horse")
    assert "horse" not in str(can_write(url, "is superuser"))
