"""A statement laid out for reading: only the blanks between its words are others, so that it stays what was run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import TokenType, tokenize
from sqlglot.errors import SqlglotError

DIALECTS = {"postgresql": "postgres", "mariadb": "mysql"}  # where sqlglot has another name for an engine
CLAUSES = {
    TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY, TokenType.LIMIT,
    TokenType.UNION, TokenType.WINDOW, TokenType.QUALIFY,
}  # fmt: skip
JOINED = {TokenType.LEFT, TokenType.RIGHT, TokenType.FULL, TokenType.INNER, TokenType.CROSS, TokenType.OUTER}
QUERY = {TokenType.SELECT, TokenType.WITH}


@dataclass
class _Level:
    """A query within parentheses, or what else stands in them, which is kept on one line."""

    is_query: bool
    depth: int
    clause: TokenType | None = None


def laid_out(sql: str, engine: str) -> str:
    """The statement in lines; as it is where it cannot be taken apart. `engine` is the name of a dialect."""
    try:
        tokens = tokenize(sql, read=DIALECTS.get(engine, engine))
    except (SqlglotError, ValueError):
        return sql
    written, levels = [], [_Level(True, 0)]
    for place, token in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        before = tokens[place - 1] if place else None
        gap = sql[before.end + 1 : token.start] if before else ""
        if gap.strip():
            return sql  # a comment
        depth = _line(token, before, after, levels)
        blank = " " if gap else ""
        written += [blank if depth is None else "\n" + "  " * depth, sql[token.start : token.end + 1]]
    return "".join(written).strip()


def _line(token: Any, before: Any, after: Any, levels: list[_Level]) -> int | None:
    """How far a new line before the token is set in; None where it goes on in the same line."""
    level, kind = levels[-1], token.token_type
    if kind is TokenType.R_PAREN and len(levels) > 1:
        levels.pop()
        return level.depth - 1 if level.is_query else None
    depth = _line_of_query(token, before, after, level) if level.is_query else None
    if kind is TokenType.L_PAREN:
        is_query = after is not None and after.token_type in QUERY
        levels.append(_Level(is_query, level.depth + is_query))
    return depth


def _line_of_query(token: Any, before: Any, after: Any, level: _Level) -> int | None:
    kind, last = token.token_type, before.token_type if before else None
    if kind in QUERY or kind in CLAUSES or _begins_join(kind, last, after):
        level.clause = kind
        return level.depth
    if last is TokenType.SELECT:
        return level.depth + 1
    if last is TokenType.COMMA:
        return level.depth + (level.clause is not TokenType.WITH)
    if kind in (TokenType.AND, TokenType.OR) and level.clause is TokenType.WHERE:
        return level.depth + 1
    return None


def _begins_join(kind: TokenType, last: TokenType | None, after: Any) -> bool:
    if kind is TokenType.JOIN:
        return last not in JOINED
    return kind in JOINED and last not in JOINED and after is not None and after.token_type in (*JOINED, TokenType.JOIN)
