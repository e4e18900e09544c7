"""The one door to a database: everything that the product reads goes through `Source.fetch`.

A `Source` is a value: a database, the tables that one viewer may see of it (`crm`) and a list of the statements that
were run through it, so that a figure can show the SQL behind it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Select

from data_access.access import MOMENT, Crm, Policy, open_crm
from data_access.calendar import Calendar
from data_access.database import Database, database
from data_access.settings import Settings


@dataclass(frozen=True)
class Statement:
    """A statement that was run: `sql` has its values written in and can be run by hand."""

    base: Database
    query: Select[Any]
    rows: int
    seconds: float

    @property
    def sql(self) -> str:
        return self.base.sql(self.query)


@dataclass(frozen=True)
class Source:
    """A database as one viewer may see it."""

    base: Database
    policy: Policy
    crm: Crm
    statements: list[Statement] = field(default_factory=list, compare=False)
    asked_as_of: datetime | None = None
    is_narrowed: bool = False
    unfiltered: Crm | None = None
    takes_old: bool = True  # a question within a question takes no old answer: the whole would pass for new

    @property
    def everything(self) -> Crm:
        """The tables as the viewer may see them, before any filter."""
        return self.unfiltered or self.crm

    def fetch(self, query: Select[Any]) -> pd.DataFrame:
        """The rows of a select over `self.crm`. Raises SourceError when the database cannot answer."""
        began = time.perf_counter()
        frame = self.base.fetch(query, self.policy.scope)
        self.statements.append(Statement(self.base, query, len(frame), time.perf_counter() - began))
        return frame

    def rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        """The same as `fetch` for a few rows that are to be reckoned with one by one: dicts, None for no value."""
        began = time.perf_counter()
        found = self.base.rows(query, self.policy.scope)
        self.statements.append(Statement(self.base, query, len(found), time.perf_counter() - began))
        return found

    def with_crm(self, crm: Crm) -> Source:
        """The same source with other (narrower) tables; statements go on the same list."""
        is_narrowed = self.is_narrowed or crm is not self.crm
        return replace(self, crm=crm, is_narrowed=is_narrowed, unfiltered=self.everything)

    @property
    def is_current(self) -> bool:
        """False once the data have changed since this source was opened."""
        return self.crm.facts is self.base.facts

    def renewed(self) -> Source:
        """The same source over the present data; itself while they have not changed. Raises SourceError."""
        if self.is_current:
            return self
        return replace(self, crm=open_crm(self.base, self.policy, self.asked_as_of))

    def recording(self) -> Source:
        """The same source with an empty list of statements, for the questions within one."""
        return replace(self, statements=[], takes_old=False)

    @property
    def settings(self) -> Settings:
        return self.crm.settings

    @property
    def calendar(self) -> Calendar:
        return self.crm.calendar

    @property
    def as_of(self) -> datetime:
        """The last moment (UTC) that is counted."""
        return self.crm.until - MOMENT

    @property
    def key(self) -> tuple[str, str, str]:
        """What an answer depends on besides its question: the data, who asks, and as of when."""
        return (self.base.identity, self.policy.scope, self.crm.until.isoformat())


def open_source(source: str, policy: Policy | None = None, as_of: datetime | None = None, mapping: str = "") -> Source:
    """Open a file, an SQLAlchemy URL or what a `clientele.toml` names, for one viewer. Raises SourceError."""
    base = database(source, mapping)
    seen = policy or Policy()
    return Source(base, seen, open_crm(base, seen, as_of), asked_as_of=as_of)
