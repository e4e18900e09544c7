"""The SQL that a mapping may hold: one SELECT, over its own reads, with functions from a list; the rest is refused.

A text is parsed, never run as written: what is not recognised does not reach a database. Columns are checked against
what the source really has, so that a slip is reported with its name, place and the nearest right one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import Dialect, ErrorLevel, TokenError, exp, parser
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from data_access.errors import MappingError
from data_access.mappings.functions import FUNCTIONS, PLAIN_FUNCTIONS

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it warns of is refused below

REFUSED: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.Into, "SELECT INTO writes"),
    (exp.Lock, "FOR UPDATE locks rows"),
    (exp.DML, "it writes"),
    (exp.DDL, "it changes tables"),
    (exp.Command, "it is a command"),
    (exp.Unnest, "unnest differs from engine to engine"),
    (exp.Lateral, "lateral joins differ from engine to engine"),
    (exp.Pivot, "pivot differs from engine to engine"),
    (exp.TableSample, "a sample is another one every time"),
    (exp.Bracket, "lists differ from engine to engine"),
    (exp.Parameter, "there are no parameters here"),
    (exp.Placeholder, "there are no parameters here"),
)
JSON_ROWS = "json_rows"
ALLOWED_CLASSES = (*PLAIN_FUNCTIONS.values(), exp.If, exp.Connector, exp.AnonymousAggFunc)


def _ours(name: str) -> Callable[[Sequence[exp.Expr]], exp.Expr]:
    if name == "ident":
        return lambda args: exp.column(exp.to_identifier(args[0].name if args else "", quoted=True))
    return lambda args: exp.Anonymous(this=name, expressions=list(args))


class MappingSQL(Dialect):
    """Plain SQL in which the template functions mean ours."""

    class Parser(parser.Parser):
        """Takes the template functions before sqlglot's own of the same name."""

        FUNCTIONS = {**parser.Parser.FUNCTIONS, **{name.upper(): _ours(name) for name in FUNCTIONS}}


def parse_select(text: str, place: str) -> exp.Query:
    """The one SELECT in `text`; `place` names the file for messages."""
    return _parsed_select(text, place).copy()


@lru_cache(maxsize=512)
def _parsed_select(text: str, place: str) -> exp.Query:
    """Parsing takes a hundred times longer than copying, and a mapping is looked through again and again."""
    try:
        found = [one for one in sqlglot.parse(text, dialect=MappingSQL, error_level=ErrorLevel.RAISE) if one]
    except (ParseError, TokenError) as fault:
        raise MappingError(f"{place}{_where(fault)}: this is not SQL that can be read: {_first(fault)}.") from None
    if len(found) != 1:
        raise MappingError(f"{place}: a mapping file holds exactly one SELECT; this one holds {len(found)} statements.")
    query = found[0]
    if not isinstance(query, exp.Query) or isinstance(query, exp.Subquery | exp.Values):
        kind = type(query).__name__.upper()
        raise MappingError(f"{place} line {_line(query) or 1}: only a SELECT is allowed here, this is {kind}.")
    _refuse(query, place)
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Column):  # ident("tabCRM Deal")
            table.set("this", table.this.this)
    return query


def parse_cell(text: str, place: str) -> exp.Expr:
    """The one expression in `text`."""
    try:
        found = sqlglot.parse_one(f"SELECT {text}", dialect=MappingSQL, error_level=ErrorLevel.RAISE)
    except (ParseError, TokenError) as fault:
        raise MappingError(
            f"{place} is `{text}`, which cannot be read: {_first(fault)}; "
            'write ident("...") around names with blanks and names that are words of SQL.'
        ) from None
    parts = found.expressions if isinstance(found, exp.Select) else []
    others = {key for key, value in found.args.items() if value and key not in ("expressions", "kind")}
    if len(parts) != 1 or others:
        raise MappingError(f"{place} is `{text}`; one expression is needed here.")
    _refuse(found, place)
    return parts[0].this if isinstance(parts[0], exp.Alias) else parts[0]


def _refuse(query: exp.Expr, place: str) -> None:
    for node in query.walk():
        for kind, why in REFUSED:
            if isinstance(node, kind):
                raise MappingError(f"{_at(place, node)}: `{_brief(node)}` is refused, because {why}.")
        if isinstance(node, exp.With) and node.args.get("recursive"):
            raise MappingError(f"{_at(place, node)}: WITH RECURSIVE is refused, because it may never end.")
        if isinstance(node, exp.Func):
            _refuse_function(node, place)
        if isinstance(node, exp.Table):
            _refuse_table(node, place)


def _refuse_function(node: exp.Func, place: str) -> None:
    if isinstance(node, exp.Anonymous):
        name = str(node.name).lower()
        if name == JSON_ROWS and not isinstance(node.parent, exp.Table):
            raise MappingError(
                f"{_at(place, node)}: json_rows stands in FROM: `FROM a CROSS JOIN json_rows(a.b) AS item`."
            )
        if name in FUNCTIONS:
            _check_arity(name, len(node.expressions), _at(place, node))
            return
    elif isinstance(node, ALLOWED_CLASSES):
        return
    else:
        name = node.sql_name().lower()
    known = [*FUNCTIONS, *PLAIN_FUNCTIONS]
    match = get_close_matches(name, known, n=1)
    advice = f"did you mean `{match[0]}`?" if match else "docs/mapping.md lists those it may."
    raise MappingError(f"{_at(place, node)}: a mapping may not use the function `{name}`; {advice}")


def _check_arity(name: str, count: int, at: str) -> None:
    function = FUNCTIONS[name]
    if count < function.least or (function.most >= 0 and count > function.most):
        raise MappingError(f"{at}: `{name}` is given {count} arguments; it is used as `{function.usage}`.")


def is_json_rows(node: exp.Expr) -> bool:
    """True for `json_rows(column)` in FROM: the one table function that a mapping may use."""
    call = node.this if isinstance(node, exp.Table) else None
    return isinstance(call, exp.Anonymous) and str(call.name).lower() == JSON_ROWS


def _refuse_table(node: exp.Table, place: str) -> None:
    if is_json_rows(node):
        if not node.alias:
            raise MappingError(f"{_at(place, node)}: give `{_brief(node)}` a name: `json_rows(column) AS item`.")
        return
    if not isinstance(node.this, exp.Identifier | exp.Column):
        raise MappingError(f"{_at(place, node)}: the table function `{_brief(node.this)}` is refused.")
    if node.args.get("db") or node.args.get("catalog"):
        raise MappingError(f"{_at(place, node)}: `{_brief(node)}` is refused; name a read of the mapping.")


def table_name(node: exp.Table) -> str:
    """The name that a FROM names, `ident("...")` included."""
    return str(node.this.name)


def check_names(query: exp.Query, reads: Mapping[str, Sequence[str]], place: str, table: str = "") -> None:
    """Every table named is a read, every column is there; `reads` gives the columns of each."""
    folded = {name.lower(): [column.lower() for column in columns] for name, columns in reads.items()}
    try:
        scopes = traverse_scope(query)
    except SqlglotError as fault:
        raise MappingError(f"{place}: {_first(fault)}.") from None
    for scope in scopes:
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and not is_json_rows(source) and table_name(source).lower() not in folded:
                known = ", ".join(reads)
                raise MappingError(
                    f"{_at(place, source)}: `{table_name(source)}` is no read of this mapping; it has {known}."
                )
        for column in scope.columns:
            _check_column(column, scope, folded, reads, place, table)


def _check_column(
    column: exp.Column,
    scope: Scope,
    folded: Mapping[str, Sequence[str]],
    reads: Mapping[str, Sequence[str]],
    place: str,
    table: str,
) -> None:
    name, owner = column.name.lower(), column.table.lower()
    candidates = list(_sources(scope, owner))
    if owner and not candidates:
        raise MappingError(f"{_at(place, column)}: `{column.sql()}` reads from `{column.table}`, which FROM lacks.")
    offered = [_columns_of(source, folded) for source in candidates]
    if any(names is None or name in names for names in offered):
        return
    selects = scope.expression.selects if isinstance(scope.expression, exp.Query) else []
    aliases = {one.alias.lower() for one in selects if isinstance(one, exp.Alias)}
    if not owner and name in aliases and not _is_output(column, scope.expression):
        return
    original = [one for source in candidates if isinstance(source, exp.Table) for one in _original(source, reads)]
    raise MappingError(
        f"{_at(place, column)}: {_output(column, table)}reads `{column.name}`, which is not there; "
        f"{_has(candidates)} {nearest(column.name, original or sorted({n for o in offered for n in o or ()}))}.",
        key="no_column_read",
        place=_at(place, column),
        column=column.name,
    )


def _is_output(column: exp.Column, select: exp.Expr) -> bool:
    """Whether the column is part of what its SELECT gives, where it cannot mean a name that is only given there."""
    node: exp.Expr | None = column
    while node is not None and node.parent is not select:
        node = node.parent
    return node is not None and node.arg_key == "expressions"


def _sources(scope: Scope | None, owner: str) -> Iterator[Any]:
    """The sources that a column of this scope may come from, outer queries included."""
    while scope is not None:
        for name, source in scope.sources.items():
            if not owner or name.lower() == owner:
                yield source
        scope = scope.parent


def _columns_of(source: Any, folded: Mapping[str, Sequence[str]]) -> set[str] | None:
    """What a source of a SELECT offers, None where that cannot be told; a scope is looked through once."""
    if not isinstance(source, Scope):
        return _offered(source, folded)
    known = source.__dict__
    if "_offered" not in known:
        known["_offered"] = _offered(source, folded)
    found: set[str] | None = known["_offered"]
    return found


def _offered(source: Any, folded: Mapping[str, Sequence[str]]) -> set[str] | None:
    if is_json_rows(source):
        return {"value", "position"}
    if isinstance(source, exp.Table):
        return {*folded.get(table_name(source).lower(), ()), "_row", "_file"}
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Query):
        return None
    if source.expression.is_star:
        inner = [_columns_of(one, folded) for one in source.sources.values()]
        names = {*source.expression.named_selects, *(n for one in inner for n in one or ())} - {"*"}
        return None if None in inner else names
    return {one.lower() for one in source.expression.named_selects}


def _original(source: exp.Table, reads: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return next((columns for name, columns in reads.items() if name.lower() == table_name(source).lower()), ())


def _has(candidates: Sequence[Any]) -> str:
    tables = [table_name(one) for one in candidates if isinstance(one, exp.Table)]
    return f"`{tables[0]}` has" if len(tables) == 1 else "there is"


def _output(column: exp.Column, table: str) -> str:
    """The canonical column that is made from `column`, for messages."""
    select = column.find_ancestor(exp.Select)
    node: exp.Expr | None = column
    while node is not None and node.parent is not select:
        node = node.parent
    if table and isinstance(node, exp.Alias) and select is not None and select.parent is None:
        return f"`{table}.{node.alias}` "
    return "it "


def nearest(name: str, names: Sequence[str]) -> str:
    """All names when they are few, else the closest ones."""
    if len(names) <= 12:
        return ", ".join(names)
    folded = {one.lower(): one for one in names}
    near = get_close_matches(name.lower(), list(folded), n=6, cutoff=0.4) or list(folded)[:6]
    return ", ".join(folded[one] for one in near) + f" and {len(names) - len(near)} more"


def _line(node: exp.Expr) -> int:
    for part in node.walk():
        line = part.meta.get("line") if part._meta else None
        if line:
            return int(line)
    return 0


def _at(place: str, node: exp.Expr) -> str:
    line = _line(node)
    return f"{place} line {line}" if line and place.endswith(".sql") else place


def _brief(node: exp.Expr) -> str:
    text = " ".join(node.sql().split())
    return text if len(text) <= 60 else text[:57] + "..."


def _where(fault: Exception) -> str:
    errors = getattr(fault, "errors", None)
    return f" line {errors[0]['line']}" if errors and errors[0].get("line") else ""


def _first(fault: Exception) -> str:
    errors = getattr(fault, "errors", None)
    if errors and errors[0].get("description"):
        near = f" near `{errors[0].get('highlight')}`" if errors[0].get("highlight") else ""
        return str(errors[0]["description"]).split(" for <class")[0].rstrip(".") + near
    return str(fault).splitlines()[0].rstrip(".")
