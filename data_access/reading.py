"""What only asks, for engines whose sessions cannot be set to read only: a statement is looked at before it is sent.

That guards against mistakes of ours; against anybody else, give the account no right to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidRequestError

ASKS = ("SELECT", "SHOW", "DESCRIBE")
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "FROM", "VALUES", "TABLE", "MAP", "REDUCE")


def is_question(statement: str, grammar: str = "") -> bool:
    """True for a statement that can only read, in the grammar of an engine as sqlglot names it."""
    words = [token.text.upper() for token in _outermost(statement, grammar)]
    if words and words[0] == "WITH":
        return next((word for word in words if word in VERBS), "") == "SELECT"
    return bool(words) and words[0] in ASKS


def _outermost(statement: str, grammar: str) -> Iterator[Any]:
    """The words of a statement that stand in no brackets; brackets around all of it are taken off."""
    depth = 0
    for token in sqlglot.tokenize(statement.lstrip("( \t\r\n"), read=grammar):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth <= 0:
            yield token


def let_only_questions_pass(engine: Engine) -> None:
    """Refuse, before it is sent over any connection of an engine, what is no question."""
    grammar = engine.dialect.name if engine.dialect.name in sqlglot.Dialect.classes else ""

    @event.listens_for(engine, "before_cursor_execute")
    def _look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not is_question(statement, grammar):
            raise InvalidRequestError(f"read-only: {' '.join(statement.split()[:2])} is refused")
