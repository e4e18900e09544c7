"""Several mappings over one database: CRM deals, shop orders, help-desk tickets, survey answers of the same people.

Every canonical table is the rows of all sources that supply it, one after the other; identifiers get the name of their
source before them (`shopify:42`), so that no two meet. A person is one: a customer of a later source whose e-mail key
is known from an earlier one (from its customers or its contacts) is that customer, and whatever belongs to it follows.
Companies are joined by their domains as well where that is asked for (`join_companies_by_domain`): by `x_domain` of
their rows, if one company alone of the earlier sources has it and one alone of the later, and no provider shares it
among its users.

A table of which one source's part cannot be made is not there at all: the rest would pass for the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from data_access.errors import ClienteleError, MappingError
from data_access.mappings.families import FAMILIES
from data_access.mappings.functions import text_literal, write
from data_access.mappings.live import Canonical, LiveView, kind_of
from data_access.mappings.shared_domains import SHARED_DOMAINS
from data_access.schema import TABLES

FROM_ONE = ("fx_rates", "settings")  # rows of the first source that has them
NOT_PREFIXED = ("source_id",)
ALSO_PREFIXED = ("member_key",)
OF_CUSTOMERS = ("customer_id", "merged_into_id", "parent_customer_id")  # columns that name a customer
LEFT_OUT = "skip = true"  # in a table's section
KEYED = ("customers", "contacts")  # tables that tell which e-mail key belongs to which customer
DOMAIN = "x_domain"


@dataclass(frozen=True)
class Part:
    """One source: its mapping's id and the tables that it supplies."""

    id: str
    tables: Mapping[str, Canonical]


def part_name(mapping: str) -> str:
    """What stands behind the names of the tables of one source."""
    return f" of {mapping}"


def composed(
    views: Mapping[str, LiveView], family: str, mappings: Sequence[str], *, by_domain: bool = False
) -> LiveView:
    """The tables of several sources as one; `views` by the id of their mappings, the leading one first.

    `mappings` are the same as the company calls them. `by_domain`: companies are joined by their domains as well.
    """
    parts = [Part(id_, view.tables) for id_, view in views.items()]
    tables = {table.name: table for part in parts for table in part.tables.values()}
    writer = _Union(parts, family, by_domain)
    people = [made for number in range(1, len(parts)) if (made := writer.people(number)) is not None]
    tables |= {made.name: made for made in people}
    writer.joined = {made.name for made in people}
    for name in dict.fromkeys(name for part in parts for name in part.tables):
        tables[name] = writer.table(name)
    lost = {
        name for view in views.values() for name in view.lacking if name not in view.tables and name not in FROM_ONE
    }
    lacking = {
        name: _of_several(mapping, id_, name, why) if name in lost else why
        for mapping, (id_, view) in zip(mappings, views.items(), strict=True)
        for name, why in view.lacking.items()
    }
    unseen = {name: tuple(why for view in views.values() for why in view.unseen.get(name, ())) for name in tables}
    return LiveView(
        {name: table for name, table in tables.items() if name not in lost},
        lacking,
        unseen={name: faults for name, faults in unseen.items() if faults and name not in lost},
    )


def _of_several(mapping: str, id_: str, table: str, why: ClienteleError) -> ClienteleError:
    """The fault for which one source's part of a table is not there, as the reason why the whole of it is not."""
    named = mapping if re.fullmatch(r"[\w-]+", mapping) else f"'{mapping}'"
    section = f"of.{named}.tables.{table}"
    return MappingError(
        f"its part of `{id_}` cannot be made ({why}), and the rest would pass for the whole; "
        f"`{LEFT_OUT}` under [{section}] leaves that part out on purpose",
        key="part_missing",
        mapping=id_,
        why=why,
        section=section,
        line=LEFT_OUT,
    )


def _alone(domains: Sequence[str]) -> str:
    """The domains that one company alone has, and that company."""
    every = f"({' UNION '.join(domains)}) AS w"
    return f"SELECT w.domain, MIN(w.customer_id) AS customer_id FROM {every} GROUP BY w.domain HAVING COUNT(*) = 1"


class _Union:
    """Writes the tables that several sources supply as one."""

    def __init__(self, parts: Sequence[Part], family: str, by_domain: bool) -> None:
        self.parts, self.family, self.by_domain = parts, family, by_domain
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
        ways = {} if mine is None else {**self._by_mail(number, mine), **self._by_domain(number)}
        if mine is None or not ways:
            return None
        own = f"o.{self._name('customer_id')}"
        joins = " ".join(f"LEFT JOIN ({known}) AS {name} ON {same}" for name, (known, same) in ways.items())
        found = [f"MIN({name}.customer_id)" for name in ways]
        first = found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"
        any_found = " OR ".join(f"{name}.customer_id IS NOT NULL" for name in ways)
        sql = (
            f"SELECT {own} AS own_id, {first} AS customer_id FROM {self._name(mine.name)} AS o {joins} "
            f"WHERE {any_found} GROUP BY {own}"
        )
        needs = [self.parts[n].tables[t].name for n in range(number) for t in KEYED if t in self.parts[n].tables]
        earlier_people = [self._people_name(n) for n in range(1, number) if self._has_people(n)]
        return Canonical(
            self._people_name(number), sql, frozenset({"own_id", "customer_id"}), (mine.name, *needs, *earlier_people)
        )

    def _by_mail(self, number: int, mine: Canonical) -> dict[str, tuple[str, str]]:
        """The customers that earlier sources know by an e-mail key, and when one is the same as `o`."""
        known = [select for earlier in range(number) for select in self._keys(earlier)]
        if "email_key" not in mine.columns or not known:
            return {}
        return {"k": (" UNION ".join(known), f"k.email_key = o.{self._name('email_key')}")}

    def _by_domain(self, number: int) -> dict[str, tuple[str, str]]:
        """The companies of earlier sources that alone have a domain, and when one that alone has it here is `o`."""
        known = [select for n in range(number) for select in self._domains(n, *self._customer(n))]
        own = self._domains(number, f"t.{self._name('customer_id')}", "")
        if not (self.by_domain and known and own):
            return {}
        companies = f"SELECT e.domain, e.customer_id FROM ({_alone(known)}) AS e JOIN ({_alone(own)}) AS m"
        same = f"d.domain = o.{self._name(DOMAIN)} AND o.{self._name('kind')} = 'company'"
        return {"d": (f"{companies} ON m.domain = e.domain", same)}

    def _domains(self, number: int, customer: str, join: str) -> list[str]:
        """A SELECT of the domains of one source's companies, each with its `customer`."""
        held = self.parts[number].tables.get("customers")
        if held is None or not {DOMAIN, "kind", "customer_id"} <= held.columns:
            return []
        domain, shared = f"t.{self._name(DOMAIN)}", ", ".join(text_literal(one) for one in sorted(SHARED_DOMAINS))
        gone = f" AND t.{self._name('merged_into_id')} IS NULL" if "merged_into_id" in held.columns else ""
        return [
            f"SELECT {domain} AS domain, {customer} AS customer_id FROM {self._name(held.name)} AS t{join} "
            f"WHERE t.{self._name('kind')} = 'company' AND {domain} <> '' AND {domain} NOT IN ({shared}){gone}"
        ]

    def _customer(self, number: int, column: str = "customer_id") -> tuple[str, str]:
        """The customer in a row's column as it is after joining, and what has to be joined for that."""
        own, at = f"t.{self._name(column)}", f"j_{column}"
        customer = self._prefixed(number, own)
        if not number or not self._has_people(number):
            return customer, ""
        join = f" LEFT JOIN {self._name(self._people_name(number))} AS {at} ON {at}.own_id = {own}"
        return f"COALESCE({at}.customer_id, {customer})", join

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
            customer, join = self._customer(number)
            selects.append(
                f"SELECT t.{self._name('email_key')} AS email_key, {customer} AS customer_id "
                f"FROM {self._name(held.name)} AS t{join} "
                f"WHERE t.{self._name('email_key')} IS NOT NULL AND t.{self._name('customer_id')} IS NOT NULL"
            )
        return selects

    def _select(self, name: str, number: int, columns: Sequence[str]) -> str:
        held = self.parts[number].tables[name]
        cells = ", ".join(f"{self._cell(name, number, column)} AS {self._name(column)}" for column in columns)
        joins = "".join(self._customer(number, column)[1] for column in OF_CUSTOMERS if column in held.columns)
        text = f"SELECT {cells} FROM {self._name(held.name)} AS t{joins}"
        return f"{text} WHERE j_customer_id.own_id IS NULL" if joins and name == "customers" else text

    def _cell(self, name: str, number: int, column: str) -> str:
        held = self.parts[number].tables[name]
        value = f"t.{self._name(column)}"
        if column not in held.columns:
            return self._blank(name, column)
        if column == "scope_id":
            company = f"t.{self._name('scope_type')} = 'company'"
            return f"CASE WHEN {company} THEN {value} ELSE {self._prefixed(number, value)} END"
        if column in OF_CUSTOMERS:
            return self._customer(number, column)[0]
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

    def _people_name(self, number: int) -> str:
        return f"people{part_name(self.parts[number].id)}"

    def _name(self, name: str) -> str:
        return exp.to_identifier(name, quoted=True).sql(dialect=self.family)
