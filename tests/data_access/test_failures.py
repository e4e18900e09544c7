"""What engines really say when they refuse becomes one sentence with what to do, in both languages, without a password."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import make_url

from data_access import engines, failures
from data_access.errors import SourceError, UnreachableError
from data_access.place import find_place
from data_access.source import open_source
from i18n.words import load_words
from tests.servers import DEFAULTS
from tests.worlds import World, forget

SERVERS = pytest.mark.parametrize("name", DEFAULTS)
SECRET = "s3cret horse@battery"
WRONG = {
    "port": ({"port": 1}, "source_unreachable", "does not answer"),
    "host": ({"host": "no-such-host.invalid"}, "source_host", "no-such-host.invalid"),
    "database": ({"database": "nothing_of_the_kind"}, "source_database", "nothing_of_the_kind"),
    "user": ({"username": "stranger"}, "source_password", "`stranger`"),
}


def told(fault: SourceError) -> list[str]:
    """The sentence for logs and that of each language."""
    return [str(fault), *(load_words(code)(f"error.{fault.key}", **fault.gaps) for code in ("en", "zh-CN"))]


@pytest.mark.engines
@SERVERS
@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_address_or_account_is_one_sentence_without_the_password(name, what, load_on, caplog):
    changed, key, part = WRONG[what]
    url = make_url(load_on(name, World(orders=[{"net": 1}])).base.url)
    if what == "user":
        changed = {**changed, "password": SECRET}
    broken = url.set(**changed).render_as_string(hide_password=False)
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as fault:
        open_source(broken)
    forget(broken)
    assert fault.value.key == key
    assert part in str(fault.value)
    for sentence in (*told(fault.value), caplog.text):
        assert SECRET not in sentence
        assert "s3cret" not in sentence
        assert str(url.password) not in sentence
    assert all("\n" not in sentence for sentence in told(fault.value))


@pytest.mark.parametrize(
    ("source", "key", "part"),
    [
        ("://", "source_not_url", "dialect://"),
        (f"postgresql://ann:{SECRET}@host:notaport/db", "source_not_url", "dialect://"),
        ("oracle+cx_oracle://ann:s3cret@host/db", "source_driver_or_dialect", "oracle"),
        ("cassandra://ann:s3cret@host/db", "source_dialect", "cassandra"),
    ],
)
def test_a_source_that_is_none_is_one_sentence(source, key, part):
    with pytest.raises(SourceError) as fault:
        engines.create(find_place(source).url)
    assert fault.value.key in (key, "source_dialect")
    assert part in str(fault.value)
    for sentence in told(fault.value):
        assert "s3cret" not in sentence


@pytest.mark.parametrize(
    ("dialect", "module", "extra"), [("postgresql", "psycopg", "postgres"), ("mysql", "pymysql", "mysql")]
)
def test_a_driver_that_is_not_installed_is_named_with_the_command(dialect, module, extra, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SourceError) as fault:
        engines.create(engines.locate(f"{dialect}://ann:s3cret@host/db"))
    assert fault.value.key == "source_driver"
    for sentence in told(fault.value):
        assert f"requirements-{extra}.txt" in sentence
        assert "s3cret" not in sentence


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("connection failed: FATAL:  sorry, too many clients already", "busy"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "busy"),
        ("connection failed: FATAL:  the database system is starting up", "unreachable"),
        ("connection failed: FATAL:  the database system is shutting down", "unreachable"),
        ("connection timeout expired", "unreachable"),
        ('FATAL:  password authentication failed for user "ann"', "password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "ann"', "password"),
        ("could not translate host name", "host"),
        ("database is locked", "locked"),
        ('IO Error: Could not set lock on file "x": Conflicting lock is held', "locked"),
        ("no such column: channel", "changed"),
        ("interrupted", "stopped"),
        ("something else", ""),
    ],
)
def test_words_of_engines_are_known(said, kind):
    assert failures.kind_of(OSError(said)) == kind


def test_what_is_away_only_for_a_while_is_told_apart_from_what_is_wrong():
    url = engines.locate("postgresql://ann:s3cret@host/db?password=s3cret")
    assert isinstance(failures.explain(OSError("Connection refused"), url), UnreachableError)
    assert not isinstance(failures.explain(OSError("password authentication failed"), url), UnreachableError)
    assert "s3cret" not in str(failures.explain(OSError("Connection refused s3cret"), url))
