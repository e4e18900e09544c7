"""Leave out what nobody reads: a subquery names only the columns that the statement reads from it.

`crm.orders` is a select of all its columns, and some of them need a join. Databases skip unused columns by themselves;
people who read the SQL behind a figure should not have to, and no database may skip a join that could repeat rows.

It is done while a statement is put into words, so that the cache of compiled statements keeps the result: statements
that differ only in their values are looked through once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import AliasedReturnsRows, FromClause, Join, Subquery


class AtMostOne(Subquery):
    """A subquery with at most one row for each row it is joined to: a left join of which nothing is read may go."""

    inherit_cache = True


@compiles(Select)
def _select(element: Select[Any], compiler: Any, **kw: Any) -> str:
    if not hasattr(compiler, "columns_read"):
        compiler.columns_read = ColumnsRead(compiler.statement)
    return compiler.visit_select(compiler.columns_read.slimmed(element), **kw)


class ColumnsRead:
    """Which columns a statement reads from each of its subqueries."""

    def __init__(self, statement: Any) -> None:
        self._read: dict[Subquery, set[str]] = defaultdict(set)
        self._behind: dict[int, list[Subquery]] = defaultdict(list)
        self._joined: dict[Any, list[Any]] = defaultdict(list)
        self._met: dict[int, Any] = {}
        self._waiting: list[Any] = [] if statement is None else [statement]
        while self._waiting:
            element = self._waiting.pop()
            if id(element) not in self._met:
                self._met[id(element)] = element
                self._waiting.extend(self._parts(element))

    def _parts(self, element: Any) -> Iterable[Any]:
        """What has to be looked through because this element is there."""
        if isinstance(element, ColumnElement):
            return [*self._behind_column(element), *element.get_children()]
        if isinstance(element, Subquery) and _is_plain(element.element):
            self._behind[id(element.element)].append(element)
            query: Any = element.element
            joined_on = [on for _, on, _, _ in query._setup_joins if on is not None]
            return [*query._where_criteria, *joined_on, *query._iterate_from_elements()]
        if _may_go(element) and not self._read.get(element.right):
            self._joined[element.right] += [element.right, element.onclause]
            return [element.left]
        return list(element.get_children())

    def _behind_column(self, column: Any) -> Iterable[Any]:
        table, key = getattr(column, "table", None), getattr(column, "key", None)
        while isinstance(table, AliasedReturnsRows) and not isinstance(table, Subquery):
            table = table.element
        if not isinstance(table, Subquery) or key in self._read[table]:
            return ()
        self._read[table].add(str(key))
        found = dict(zip(table.c.keys(), table.element.selected_columns, strict=True))
        return [*self._joined.pop(table, ()), *([found[key]] if key in found else ())]

    def slimmed(self, query: Select[Any]) -> Select[Any]:
        """The select with the columns that are read, and without the joins that serve the others."""
        subqueries = self._behind.get(id(query))
        if not subqueries:
            return query
        keys = {key for subquery in subqueries for key in self._read[subquery]}
        named = zip(subqueries[0].c.keys(), query.selected_columns, strict=True)
        columns = [column for key, column in named if key in keys] or [literal_column("1").label("one")]
        froms = tuple(self._without_unread(start) for start in query._from_obj)
        if froms != query._from_obj:
            fewer: Any = select(*columns).select_from(*froms).where(*query._where_criteria)
            fewer._setup_joins = query._setup_joins
            return fewer
        return query.with_only_columns(*columns, maintain_column_froms=True)

    def _without_unread(self, start: FromClause) -> FromClause:
        """The joins without those that may go, also where one stands inside another that has to stay."""
        if not isinstance(start, Join):
            return start
        left = self._without_unread(start.left)
        if _may_go(start) and not self._read.get(start.right):  # type: ignore[call-overload]
            return left
        return start if left is start.left else Join(left, start.right, start.onclause, start.isouter, start.full)


def _may_go(element: Any) -> bool:
    return isinstance(element, Join) and element.isouter and not element.full and isinstance(element.right, AtMostOne)


def _is_plain(query: Any) -> bool:
    """A select whose rows do not depend on which columns it names."""
    if not isinstance(query, Select):
        return False
    clauses = (query._group_by_clauses, query._order_by_clauses, query._having_criteria, query._distinct)
    return not any(clauses) and query._limit_clause is None and query._offset_clause is None
