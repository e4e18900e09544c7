"""Several mappings over one database: CRM deals, shop orders, help-desk tickets, survey answers of the same people.

Every canonical table is the rows of all sources that supply it, one after the other; identifiers get the name of their
source before them (`shopify:42`), so that no two meet. A person is one: a customer of a later source whose e-mail key
is known from an earlier one (from its customers or its contacts) is that customer, and whatever belongs to it follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from data_access.errors import SourceError
from data_access.mappings.families import FAMILIES
from data_access.mappings.functions import text_literal, write
from data_access.mappings.live import Canonical, LiveView, kind_of
from data_access.rights import PERMISSION
from data_access.schema import TABLES

FROM_ONE = ("fx_rates", "settings")  # rows of the first source that has them
NOT_PREFIXED = ("source_id",)
ALSO_PREFIXED = ("member_key",)
KEYED = ("customers", "contacts")  # tables that tell which e-mail key belongs to which customer


@dataclass(frozen=True)
class Part:
    """One source: its mapping's id and the tables that it supplies."""

    id: str
    tables: Mapping[str, Canonical]


def part_name(mapping: str) -> str:
    """What stands behind the names of the tables of one source."""
    return f" of {mapping}"


def composed(views: Mapping[str, LiveView], family: str) -> LiveView:
    """The tables of several sources as one; `views` by the id of their mappings, the leading one first."""
    parts = [Part(id_, view.tables) for id_, view in views.items()]
    tables = {table.name: table for part in parts for table in part.tables.values()}
    writer = _Union(parts, family)
    people = [made for number in range(1, len(parts)) if (made := writer.people(number)) is not None]
    tables |= {made.name: made for made in people}
    writer.joined = {made.name for made in people}
    for name in dict.fromkeys(name for part in parts for name in part.tables):
        tables[name] = writer.table(name)
    barred = {name: why for view in views.values() for name, why in view.barred.items()}
    for name in [name for name, why in barred.items() if why.key == PERMISSION]:
        tables.pop(name, None)  # the rows of one source would pass for those of all
    lacking = {name: why for view in views.values() for name, why in view.lacking.items() if name not in tables}
    unseen = {name: tuple(why for view in views.values() for why in _unseen(view, name)) for name in tables}
    return LiveView(
        tables,
        lacking,
        {name: why for name, why in barred.items() if name not in tables},
        {name: faults for name, faults in unseen.items() if faults},
    )


def _unseen(view: LiveView, name: str) -> tuple[SourceError, ...]:
    """What one source's part of a table goes without because the account is not shown it."""
    barred = view.barred.get(name)
    return (*view.unseen.get(name, ()), *((barred,) if barred else ()))


class _Union:
    """Writes the tables that several sources supply as one."""

    def __init__(self, parts: Sequence[Part], family: str) -> None:
        self.parts, self.family = parts, family
        self.joined: set[str] = set()

    def table(self, name: str) -> Canonical:
        """The rows of every source; a column that one of them lacks has its default there, or nothing."""
        holding = [number for number, part in enumerate(self.parts) if name in part.tables]
        holding = holding[:1] if name in FROM_ONE else holding
        known = [column.name for column in TABLES[name].columns]
        given = {column for number in holding for column in self.parts[number].tables[name].columns}
        columns = [*(one for one in known if one in given), *sorted(given - set(known))]
        selects = [self._select(name, number, columns) for number in holding]
        needs = [self.parts[number].tables[name].name for number in holding]
        needs += [self._people_name(number) for number in holding if self._people_name(number) in self.joined]
        return Canonical(name, " UNION ALL ".join(selects), frozenset(columns), tuple(needs), name)

    def people(self, number: int) -> Canonical | None:
        """One row per customer of a later source who is known from an earlier one: own_id, customer_id."""
        mine = self.parts[number].tables.get("customers")
        if mine is None or "email_key" not in mine.columns:
            return None
        known = [select for earlier in range(number) for select in self._keys(earlier)]
        if not known:
            return None
        own = f"o.{self._name('customer_id')}"
        sql = (
            f"SELECT {own} AS own_id, MIN(k.customer_id) AS customer_id FROM {self._name(mine.name)} AS o "
            f"JOIN ({' UNION '.join(known)}) AS k ON k.email_key = o.{self._name('email_key')} GROUP BY {own}"
        )
        needs = [self.parts[n].tables[t].name for n in range(number) for t in KEYED if t in self.parts[n].tables]
        earlier_people = [self._people_name(n) for n in range(1, number) if self._has_people(n)]
        return Canonical(
            self._people_name(number), sql, frozenset({"own_id", "customer_id"}), (mine.name, *needs, *earlier_people)
        )

    def _has_people(self, number: int) -> bool:
        return self.people(number) is not None

    def _keys(self, number: int) -> list[str]:
        """SELECTs of email_key and customer_id (as it is after joining) of one source."""
        part = self.parts[number]
        selects = []
        for name in KEYED:
            held = part.tables.get(name)
            if held is None or not {"email_key", "customer_id"} <= held.columns:
                continue
            customer = self._prefixed(number, f"t.{self._name('customer_id')}")
            join = ""
            if number and self._has_people(number):
                join = self._join(number, f"t.{self._name('customer_id')}")
                customer = f"COALESCE(j.customer_id, {customer})"
            selects.append(
                f"SELECT t.{self._name('email_key')} AS email_key, {customer} AS customer_id "
                f"FROM {self._name(held.name)} AS t{join} "
                f"WHERE t.{self._name('email_key')} IS NOT NULL AND t.{self._name('customer_id')} IS NOT NULL"
            )
        return selects

    def _select(self, name: str, number: int, columns: Sequence[str]) -> str:
        held = self.parts[number].tables[name]
        is_joined = self._people_name(number) in self.joined and "customer_id" in held.columns
        cells = ", ".join(
            f"{self._cell(name, number, column, is_joined)} AS {self._name(column)}" for column in columns
        )
        text = f"SELECT {cells} FROM {self._name(held.name)} AS t"
        if not is_joined:
            return text
        text += self._join(number, f"t.{self._name('customer_id')}")
        return f"{text} WHERE j.own_id IS NULL" if name == "customers" else text

    def _cell(self, name: str, number: int, column: str, is_joined: bool) -> str:
        held = self.parts[number].tables[name]
        value = f"t.{self._name(column)}"
        if column not in held.columns:
            return self._blank(name, column)
        if column == "scope_id":
            company = f"t.{self._name('scope_type')} = 'company'"
            return f"CASE WHEN {company} THEN {value} ELSE {self._prefixed(number, value)} END"
        if column == "customer_id" and is_joined:
            return f"COALESCE(j.customer_id, {self._prefixed(number, value)})"
        is_id = column.endswith("_id") and column not in NOT_PREFIXED
        return self._prefixed(number, value) if is_id or column in ALSO_PREFIXED else value

    def _blank(self, name: str, column: str) -> str:
        canonical = TABLES[name].columns.get(column)
        if canonical is None:
            return FAMILIES[self.family].typed["text"].format("NULL")
        kind, size = kind_of(canonical)
        default = canonical.info.get("default")
        text = "NULL" if default is None else text_literal(default) if isinstance(default, str) else str(int(default))
        return FAMILIES[self.family].typed[kind].format(text, **size)

    def _prefixed(self, number: int, value: str) -> str:
        whole = write("concat", [text_literal(f"{self.parts[number].id}:"), value], self.family)
        return f"CASE WHEN {value} IS NOT NULL THEN {whole} END"

    def _join(self, number: int, customer: str) -> str:
        return f" LEFT JOIN {self._name(self._people_name(number))} AS j ON j.own_id = {customer}"

    def _people_name(self, number: int) -> str:
        return f"people{part_name(self.parts[number].id)}"

    def _name(self, name: str) -> str:
        return exp.to_identifier(name, quoted=True).sql(dialect=self.family)
