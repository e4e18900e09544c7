"""What a database said when it refused, as one sentence that says what to do. Passwords never appear in it.

Engines say the same in many ways: a rule names the codes (SQLSTATE of PostgreSQL, numbers of MySQL and MariaDB) and the
words by which a kind of failure is known, and `SENTENCES` what is said of it. What no rule knows is repeated, in its
first line only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from data_access.errors import ChangedError, SourceError, UnreachableError

FILES = ("duckdb", "sqlite")
CHECK = "python -m data_access check"


@dataclass(frozen=True)
class Rule:
    """How one kind of failure is known."""

    kind: str
    codes: frozenset[str]
    words: re.Pattern[str]


def _rule(kind: str, codes: str, words: str) -> Rule:
    return Rule(kind, frozenset(codes.split()), re.compile(words))


# The first that fits. Messages of a failed connection have no code in PostgreSQL's driver.
RULES = (
    _rule("stopped", "57014 1317 1969 3024", r"^interrupted$|^INTERRUPT Error|\(TIMEOUT_EXCEEDED\)"),
    _rule("newer", "", r"newer version of DuckDB"),
    _rule("locked", "", r"Could not set lock on file|used by another process|database( table)? is locked"),
    _rule(
        "busy",
        "53300 1040 1203 1226",
        r"too many (clients|connections)|remaining connection slots|exceeded the 'max_user_connections'",
    ),
    _rule(
        "host",
        "",
        r"failed to resolve host|could not translate host name|Name or service not known|getaddrinfo failed"
        r"|nodename nor servname|Temporary failure in name resolution|No address associated with hostname",
    ),
    _rule(
        "password",
        "28P01 28000 1045 1698 1862 2059 2061",
        r"password authentication failed|no password supplied|role \".*\" (does not exist|is not permitted to log in)"
        r"|no pg_hba\.conf entry|pg_hba\.conf rejects|authentication failed",
    ),
    _rule("database", "3D000 1049 1044", r"FATAL:\s+database \".*\" does not exist"),
    _rule("permission", "42501 1142 1143", r"FATAL:\s+permission denied"),
    _rule("changed", "42703 42P01 1054 1146 1356", r"^no such (table|column)|^(Binder|Catalog) Error"),
    _rule(
        "unreachable",
        "57P01 57P02 57P03 08000 08001 08003 08006 2003 2006 2013 2055 1053 1927 3169 4031",
        r"[Cc]onnection refused|[Cc]onnection (timed out|timeout expired|reset)|server closed the connection"
        r"|database system is (starting up|shutting down|in recovery)|not yet accepting connections|Broken pipe"
        r"|No route to host|Network is unreachable|the connection is (closed|lost)|No such file or directory"
        r"|consuming input failed|connection to server .* failed: (timeout|could not receive)"
        r"|SSL connection has been closed|Could not connect to any of|TSocket read 0 bytes",
    ),
)
DENIED = re.compile(
    r"(?:permission denied for (?P<kind>schema|(?:foreign )?table|(?:materialized )?view|relation|sequence)"
    r" (?P<name>.+)"
    r"|command denied to user .* for (?:table|column '.*' in table) (?P<table>.+))$"
)


def kind_of(fault: BaseException) -> str:
    """Which kind of failure this is; empty when no rule knows it."""
    if isinstance(fault, NoConnectionLeft):
        return "busy"
    said, codes = _said(fault), _codes(fault)
    return next((rule.kind for rule in RULES if codes & rule.codes or rule.words.search(said)), "")


def was_dropped(fault: BaseException) -> bool:
    """True when the connection went away under a running question."""
    return isinstance(fault, DBAPIError) and fault.connection_invalidated


def _orig(fault: BaseException) -> BaseException:
    return getattr(fault, "orig", None) or fault


def _codes(fault: BaseException) -> frozenset[str]:
    orig = _orig(fault)
    number = orig.args[0] if orig.args and isinstance(orig.args[0], int) else None
    return frozenset(str(code) for code in (getattr(orig, "sqlstate", None), number) if code is not None)


def _said(fault: BaseException) -> str:
    """What the driver says, without the number that MySQL's puts before it."""
    orig = _orig(fault)
    if len(orig.args) == 2 and isinstance(orig.args[0], int):
        return str(orig.args[1])
    return str(orig)


def explain(fault: BaseException, url: URL) -> SourceError:
    """The sentence for a failure to open or read."""
    kind, said = kind_of(fault), _first_line(fault, url)
    if kind in SENTENCES:
        return SENTENCES[kind](url, said)
    place = where(url)
    return SourceError(f"{place} cannot be read: {said}", key="source_unreadable", path=place)


def where(url: URL) -> str:
    """Path or address, without a password."""
    if url.get_backend_name() in FILES:
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


def _first_line(fault: BaseException, url: URL) -> str:
    whole = _said(fault).strip()
    return masked(whole.splitlines()[0] if whole else type(fault).__name__, url)


def masked(text: str, url: URL) -> str:
    """A text without the password; a word that only holds it stays."""
    return re.sub(rf"(?<!\w){re.escape(str(url.password))}(?!\w)", "***", text) if url.password else text


# -- one sentence for each kind -------------------------------------------------------------------------------------
def _newer(url: URL, _: str) -> SourceError:
    return SourceError(
        f"{where(url)} was written by a newer DuckDB than the one installed here; upgrade Clientele or write the file "
        "again with this version.",
        key="source_newer",
        path=where(url),
    )


def _locked(url: URL, said: str) -> SourceError:
    if url.get_backend_name() not in FILES:
        return _unreachable(url, said)
    return UnreachableError(
        f"{where(url)} is being written by another program; try again when it has finished.",
        key="source_locked",
        path=where(url),
    )


def _busy(url: URL, _: str) -> SourceError:
    return UnreachableError(
        f"{where(url)} has no connection free; try again in a moment, or let the server take more connections.",
        key="source_busy",
        path=where(url),
    )


def _host(url: URL, _: str) -> SourceError:
    return UnreachableError(
        f"There is no host `{url.host}` to be found for {where(url)}; check the name of the host and the network.",
        key="source_host",
        host=url.host,
        path=where(url),
    )


def _unreachable(url: URL, said: str) -> SourceError:
    return UnreachableError(
        f"{where(url)} does not answer ({said}); see that the server runs and can be reached from here.",
        key="source_unreachable",
        path=where(url),
    )


def _password(url: URL, said: str) -> SourceError:
    user = url.username or "?"
    return SourceError(
        f"{where(url)} does not let `{user}` in ({said}); check the account and its password.",
        key="source_password",
        user=user,
        path=where(url),
    )


def _database(url: URL, _: str) -> SourceError:
    return SourceError(
        f"`{url.username}` finds no database `{url.database}` at {where(url)}; check its name and who may use it.",
        key="source_database",
        database=url.database,
        user=url.username,
        path=where(url),
    )


def _permission(url: URL, said: str) -> SourceError:
    found = DENIED.search(said)
    what = _bare(found["name"] or found["table"]) if found else said
    return not_permitted(url, what, found["kind"] == "schema" if found else False)


def not_permitted(url: URL, what: str, is_schema: bool = False, column: str = "") -> SourceError:
    """A table, a column of it, or a schema that the account may not read, and the statement that lets it."""
    user, named = url.username or "?", f"{what}.{column}" if column else what
    grant = grant_statement(url, what, is_schema, column)
    return SourceError(
        f"`{user}` may not read `{named}` at {where(url)}; an administrator can allow it: {grant}",
        key="source_permission",
        user=user,
        table=named,
        grant=grant,
    )


def not_shown(url: URL, what: str, column: str = "") -> SourceError:
    """A table or column that the account is not shown: it is not there, or may not be read; nobody can tell."""
    user, named = url.username or "?", f"{what}.{column}" if column else what
    grant = grant_statement(url, what, column=column)
    return SourceError(
        f"{where(url)} shows `{user}` no `{named}`; if it is there, an administrator can allow it: {grant}",
        key="source_not_shown",
        user=user,
        table=named,
        grant=grant,
    )


def grant_statement(url: URL, what: str, is_schema: bool = False, column: str = "") -> str:
    """The SQL that lets the account of a URL read a table (one column of it, or a schema)."""
    mark = '"' if url.get_backend_name() == "postgresql" else "`"
    table = what if mark == '"' or "." in what else f"{url.database}.{what}"
    right = "USAGE ON SCHEMA" if is_schema else f"SELECT{f' ({mark}{column}{mark})' if column else ''} ON"
    return f"GRANT {right} {_quoted(table, mark)} TO {mark}{url.username or ''}{mark};"


def _quoted(name: str, mark: str) -> str:
    return ".".join(f"{mark}{part}{mark}" for part in name.split("."))


def _bare(name: str) -> str:
    """A name as people write it: MySQL quotes it."""
    return name.strip().replace("`", "").replace("'", "")


def _changed(url: URL, said: str) -> SourceError:
    return ChangedError(
        f"The tables at {where(url)} are not what they were ({said}); `{CHECK}` lists what is there.",
        key="source_changed",
        said=said,
        command=CHECK,
        path=where(url),
    )


SENTENCES: dict[str, Callable[[URL, str], SourceError]] = {
    "newer": _newer,
    "locked": _locked,
    "busy": _busy,
    "host": _host,
    "password": _password,
    "database": _database,
    "permission": _permission,
    "changed": _changed,
    "unreachable": _unreachable,
}
